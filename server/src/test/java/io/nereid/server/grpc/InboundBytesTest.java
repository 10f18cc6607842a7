package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelRepositoryParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelLoadRequest;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.RawHttp2Client;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a server that may hold 256 KiB does about messages that gRPC's own streams collect. */
final class InboundBytesTest {
    private static final String STREAM_INFER = "inference.GRPCInferenceService/ModelStreamInfer";
    private static final int LIMIT = 256 * 1024;
    private static final int FRAME = 16 * 1024;
    private static final int TWO_MEBIBYTES = 2 << 20;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() {
        running =
                new RunningFrontend(allocator, TestOptions.grpc(0), AdmissionLimits.ofBytes(LIMIT));
        running.addIdentity(GrpcModels.identity("identity", DataType.TYPE_UINT8));
        stub = GRPCInferenceServiceGrpc.newBlockingStub(running.channel);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    private static ModelInferRequest question(int byteSize) {
        return GrpcModels.question("identity", ByteString.copyFrom(new byte[byteSize]));
    }

    /** Begins a call whose message is to have a mebibyte, of which some frames are sent. */
    private RawHttp2Client begin(RawClient client, String method, int frames) throws IOException {
        RawHttp2Client http2 =
                new RawHttp2Client(client)
                        .head(
                                1,
                                false,
                                "POST",
                                "/" + method,
                                "content-type",
                                "application/grpc",
                                "te",
                                "trailers");
        http2.data(1, false, "\0\0\u0010\0\0");
        for (int i = 0; i < frames; i++) {
            http2.data(1, false, "x".repeat(FRAME));
        }
        return http2;
    }

    private void awaitInFlight(LongPredicate wanted) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!wanted.test(running.admission.inFlightBytes())) {
            assertThat(System.nanoTime())
                    .as("time, with %s bytes", running.admission.inFlightBytes())
                    .isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
        }
    }

    @Test
    void countsWhatHasArrivedUntilTheClientLeaves() throws Exception {
        try (RawClient client = new RawClient(running.port)) {
            begin(client, STREAM_INFER, 12);
            awaitInFlight(bytes -> bytes == 12 * FRAME);

            StatusRuntimeException refused =
                    catchThrowableOfType(
                            StatusRuntimeException.class,
                            () -> stub.modelInfer(question(5 * FRAME)));

            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(refused.getStatus().getDescription())
                    .isEqualTo(
                            "server is overloaded: requests in flight hold the 262144 bytes of"
                                    + " --max-inflight-bytes");
        }
        awaitInFlight(bytes -> bytes == 0);
        assertThat(stub.modelInfer(question(5 * FRAME)).getRawOutputContents(0).size())
                .isEqualTo(5 * FRAME);
    }

    @Test
    void doesNotCountLittle() throws Exception {
        try (RawClient client = new RawClient(running.port)) {
            begin(client, STREAM_INFER, 4);

            stub.modelInfer(question(200_000));

            assertThat(running.admission.inFlightBytes()).isZero();
        }
    }

    @Test
    void endsACallInTheMiddleOfItsMessageAndNoOther() throws Exception {
        try (RawClient first = new RawClient(running.port);
                RawClient second = new RawClient(running.port)) {
            begin(first, STREAM_INFER, 10);
            awaitInFlight(bytes -> bytes == 10 * FRAME);

            RawHttp2Client refused = begin(second, STREAM_INFER, 8);

            assertRefused(refused, "14", "server is overloaded");
            assertThat(running.admission.inFlightBytes()).isEqualTo(10 * FRAME);
        }
        awaitInFlight(bytes -> bytes == 0);
    }

    private static void assertRefused(RawHttp2Client refused, String code, String message)
            throws Exception {
        Map<String, String> headers = refused.headers(refused.next(RawHttp2Client.HEADERS));
        assertThat(headers).containsEntry("grpc-status", code);
        assertThat(headers.get("grpc-message")).startsWith(message);
    }

    @Test
    void endsAStreamWhoseMessageNeverFits() throws Exception {
        try (RawClient client = new RawClient(running.port)) {
            RawHttp2Client stream = begin(client, STREAM_INFER, 17);

            assertRefused(stream, "3", "request body of at least ");
        }
        awaitInFlight(bytes -> bytes == 0);
        assertThat(running.server.inFlight()).isZero();
    }

    @Test
    void boundsWhatOperatorsSendByItself() {
        RepositoryModelLoadRequest load =
                RepositoryModelLoadRequest.newBuilder()
                        .setModelName("large")
                        .putParameters(
                                "file:1/model.onnx",
                                ModelRepositoryParameter.newBuilder()
                                        .setBytesParam(ByteString.copyFrom(new byte[TWO_MEBIBYTES]))
                                        .build())
                        .build();

        StatusRuntimeException refused =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> stub.repositoryModelLoad(load));

        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused.getStatus().getDescription())
                .matches(
                        "request body of at least \\d+ bytes exceeds the 65536 bytes that all"
                                + " requests in flight may hold. Use --max-inflight-bytes to"
                                + " increase the limit.");
        assertThat(running.admission.refusals()).isZero();
    }

    @Test
    void boundsWhatAsksForTheSchema() throws Exception {
        try (RawClient client = new RawClient(running.port)) {
            RawHttp2Client reflection =
                    begin(client, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo", 5);

            assertRefused(reflection, "3", "request body of at least ");
        }
    }
}
