package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.TestCertificates;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcTlsTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private TestCertificates ours;
    private TestCertificates strangers;
    private TestCertificates.Pems files;

    @BeforeAll
    void makeCertificates(@TempDir Path directory) throws Exception {
        ours = TestCertificates.make(directory, "ours", "EC");
        strangers = TestCertificates.make(directory, "strangers", "EC");
        files = ours.write(directory);
    }

    private GrpcFrontend frontend(ServerOptions.Tls tls) {
        return new GrpcFrontend(fixture.server(), TestOptions.grpc(0, tls), fixture.transport());
    }

    private GrpcFrontend start(boolean mutual) {
        GrpcFrontend frontend =
                frontend(
                        new ServerOptions.Tls(
                                files.certificate(),
                                files.key(),
                                Optional.of(files.root()),
                                mutual));
        fixture.closeLater(frontend).start();
        return frontend;
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private TlsChannelCredentials.Builder trusting(TestCertificates authority) throws IOException {
        return TlsChannelCredentials.newBuilder().trustManager(stream(authority.authority()));
    }

    private ChannelCredentials known(TestCertificates by) throws IOException {
        return trusting(ours)
                .keyManager(stream(by.chain("client")), stream(by.key("client")))
                .build();
    }

    /** Whether a call is answered. */
    private static boolean isLive(GrpcFrontend frontend, ChannelCredentials credentials)
            throws InterruptedException {
        // Its own event loop, whose end is the end of all its buffers.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", frontend.port(), credentials)
                        .eventLoopGroup(loop)
                        .channelType(NioSocketChannel.class)
                        .build();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(60, TimeUnit.SECONDS)
                    .serverLive(ServerLiveRequest.getDefaultInstance())
                    .getLive();
        } finally {
            assertThat(channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    private static void assertRefused(GrpcFrontend frontend, ChannelCredentials credentials) {
        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> isLive(frontend, credentials));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void answersOverTlsOnly() throws Exception {
        GrpcFrontend frontend = start(false);
        assertThat(isLive(frontend, trusting(ours).build())).isTrue();
        assertThat(isLive(frontend, known(strangers))).isTrue();
        assertRefused(frontend, InsecureChannelCredentials.create());
        assertRefused(frontend, trusting(strangers).build());
    }

    @Test
    void asksClientsForACertificateOfTheRoot() throws Exception {
        GrpcFrontend frontend = start(true);
        assertThat(isLive(frontend, known(ours))).isTrue();
        assertRefused(frontend, known(strangers));
        assertRefused(frontend, trusting(ours).build());
    }

    @Test
    void namesTheFileThatKeepsItFromStarting() {
        Path missing = files.directory().resolve("missing.pem");
        assertThatThrownBy(() ->
                        frontend(
                                new ServerOptions.Tls(
                                        missing, files.key(), Optional.empty(), false)))
                .isInstanceOf(StatusException.class)
                .hasMessage("TLS server certificate '%s': no such file", missing);
    }
}
