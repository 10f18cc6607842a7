package io.nereid.server.grpc;

import io.grpc.BindableService;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.ModelInferDecoder;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.protocol.grpc.Received;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.server.Admission;
import io.nereid.server.AdmittedAllocator;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerOptions;
import io.nereid.server.netty.CurrentSslContext;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.netty.Transport;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.TlsCertificates;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the gRPC port (all of the gRPC protocol) and tells clients by reflection what it serves.
 * Calls run on the event loops; start and shutdown are called on a control thread.
 */
public final class GrpcFrontend implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GrpcFrontend.class);
    private static final Duration HANDSHAKE = Duration.ofSeconds(15);
    private static final Duration FORCED_STOP = Duration.ofSeconds(5);

    /** How long streams go on that clients opened before they knew that the server stops. */
    private static final Duration LAST_CALLS = Duration.ofMillis(250);

    private static final DecompressorRegistry ACCEPTED_ENCODINGS =
            DecompressorRegistry.getDefaultInstance().with(new Deflate(), true);

    private static final Set<String> INFERRING =
            Set.of(
                    GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName(),
                    GRPCInferenceServiceGrpc.getModelStreamInferMethod().getFullMethodName());

    /** What operators send may take this part of what requests to models may, beside those. */
    private static final int PART_OF_ADMINISTRATION = 4;

    private final ListenAddress address;
    private final ActiveCalls calls = new ActiveCalls();
    private final ModelStreamHandler streams;
    private final InferTransport inferring;
    private final Server server;
    private final Optional<TlsCertificates> certificates;

    /**
     * @param transport event loops of all front ends; stays the caller's and must outlive this
     * @throws StatusException INVALID_ARG naming the certificate file that is no good
     */
    public GrpcFrontend(InferenceServer server, ServerOptions.Grpc options, Transport transport) {
        this.address = new ListenAddress(options.address(), options.port(), options.reusePort());
        AdmittedAllocator messages = new AdmittedAllocator(server.allocator(), server.admission());
        InferContext context =
                new InferContext(
                        server,
                        transport.eventLoops(),
                        new ModelInferDecoder(messages, server.extensions().sharedMemory()),
                        calls,
                        options.forwarding(),
                        new ReplyCompression(options.compression()));
        this.streams = new ModelStreamHandler(context, messages, options.maxResponsePoolSize());
        this.certificates =
                options.tls()
                        .map(tls ->
                                TlsCertificates.open(
                                        tls.certificate(), tls.key(), tls.clientAuthorities()));
        NettyServerBuilder builder =
                builder(options, address, transport)
                        .addStreamTracerFactory(
                                new InboundBytes.Factory(
                                        INFERRING,
                                        server.admission(),
                                        Admission.ofAdministration(
                                                server.admission().maxBytes()
                                                        / PART_OF_ADMINISTRATION,
                                                Admission.BYTE_LIMIT)));
        ModelInferHandler infer = new ModelInferHandler(context, messages);
        ServerCallHandler<Received, ModelInferReply> inferCalls =
                ServiceBuilder.guarded(options.restricted(), ApiCategory.INFERENCE, infer);
        if (server.extensions().access().isOn()) {
            AccessInterceptor access = new AccessInterceptor(server.extensions().access());
            builder.intercept(access);
            inferCalls = access.before(inferCalls);
        }
        this.inferring =
                new InferTransport(
                        certificates.map(files ->
                                CurrentSslContext.of(
                                        files, List.of(ApplicationProtocolNames.HTTP_2))),
                        context.compression().isOn()
                                ? Optional.empty()
                                : Optional.of(
                                        new InferStream.Terms(
                                                inferCalls,
                                                infer.method(),
                                                messages,
                                                InferHeaders.ofAnswer(ACCEPTED_ENCODINGS))));
        this.server =
                builder.protocolNegotiator(inferring)
                        .compressorRegistry(context.compression().registry())
                        .addService(
                                new InferenceService(server, options.restricted(), infer, streams)
                                        .definition())
                        .addService(new HealthService(server, options.restricted()).definition())
                        .addService(refusable(ProtoReflectionServiceV1.newInstance()))
                        .addService(refusable(olderReflection()))
                        .build();
    }

    private static ServerServiceDefinition refusable(BindableService service) {
        return ServerInterceptors.intercept(service, new RefusableCalls());
    }

    /** What clients ask that do not know the final version of server reflection yet. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return ProtoReflectionService.newInstance();
    }

    private static NettyServerBuilder builder(
            ServerOptions.Grpc options, ListenAddress address, Transport transport) {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(address.toSocketAddress())
                        .bossEventLoopGroup(transport.eventLoops())
                        .workerEventLoopGroup(transport.eventLoops())
                        .channelType(transport.channelClass())
                        .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, transport.receiving())
                        .directExecutor()
                        .handshakeTimeout(HANDSHAKE.toSeconds(), TimeUnit.SECONDS)
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        .decompressorRegistry(ACCEPTED_ENCODINGS)
                        .permitKeepAliveWithoutCalls(options.keepalive().permitWithoutCalls())
                        .permitKeepAliveTime(
                                options.keepalive().minReceivePingInterval(), TimeUnit.MILLISECONDS)
                        .keepAliveTime(orForever(options.keepalive().time()), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(
                                orForever(options.keepalive().timeout()), TimeUnit.MILLISECONDS)
                        .maxConnectionAge(
                                orForever(options.keepalive().maxConnectionAge()),
                                TimeUnit.MILLISECONDS)
                        .maxConnectionAgeGrace(
                                orForever(options.keepalive().maxConnectionAgeGrace()),
                                TimeUnit.MILLISECONDS);
        if (address.reusePort()) {
            builder.withOption(transport.reusePortOption(), true);
        }
        return builder;
    }

    /** Options say 0 for no limit; gRPC takes what is very long as none. */
    private static long orForever(long millis) {
        return millis == 0 ? Long.MAX_VALUE : millis;
    }

    /**
     * Opens the port.
     *
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had
     */
    public void start() {
        try {
            server.start();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE, "Socket '" + address + "' already in use ", e);
        }
        log.info("Started GRPCInferenceService at {}:{}", address.host(), port());
    }

    /** The port that is served; known after {@link #start}. */
    public int port() {
        return server.getPort();
    }

    /** Bytes of replies that wait in streams for their clients to read. */
    long waitingBytes() {
        return streams.waitingBytes();
    }

    /** From now on refuses requests that come in streams. */
    void refuseInStreams() {
        calls.refuseNew();
    }

    /**
     * Closes the port, tells clients to begin no more calls, and takes those that are on their way
     * already; then refuses new requests in streams, which have no other end, waits for those that
     * run, ends the streams, and closes all connections. What still runs at the deadline is
     * cancelled. Blocks.
     *
     * @param deadline longest wait for running requests
     * @throws InterruptedException if the wait is interrupted; connections may be left open then
     */
    public void shutdown(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        server.shutdown();
        if (!awaitEnd(Math.min(LAST_CALLS.toNanos(), deadline.toNanos()))) {
            refuseInStreams();
            boolean idle = calls.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            streams.stop();
            if (!idle || !awaitEnd(end - System.nanoTime())) {
                closeNow();
            }
        }
        certificates.ifPresent(TlsCertificates::close);
    }

    private boolean awaitEnd(long nanos) throws InterruptedException {
        return server.awaitTermination(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    /** Closes everything now and waits for that; running requests are cancelled. */
    @Override
    public void close() {
        try {
            closeNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        certificates.ifPresent(TlsCertificates::close);
    }

    private void closeNow() throws InterruptedException {
        inferring.cancelAll();
        server.shutdownNow();
        if (!server.awaitTermination(FORCED_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
            log.warn("grpc connections did not close within {}", FORCED_STOP);
        }
    }
}
