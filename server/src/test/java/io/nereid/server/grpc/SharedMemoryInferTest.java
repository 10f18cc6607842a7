package io.nereid.server.grpc;

import static io.nereid.protocol.DataType.UINT8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.FakeModel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever becomes of a request, the front end's end shows that its places are let go. */
class SharedMemoryInferTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final BlockingQueue<Question> held = new LinkedBlockingQueue<>();
    private RunningFrontend running;

    /** A request whose answer the test gives. */
    private record Question(InferenceRequest request, ResponseSender sender) {}

    @BeforeEach
    void start() {
        running = new RunningFrontend(allocator);
        running.addIdentity(GrpcModels.identity("identity", DataType.TYPE_UINT8));
        running.addModel(
                GrpcModels.identity("held", DataType.TYPE_UINT8),
                (request, sender) -> held.add(new Question(request, sender)));
        running.extensions.memory.region("r", 1, 2, 3, 4, 0, 0, 0, 0);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    private static Map<String, InferParameter> place(long offset, long byteSize) {
        return Map.of(
                "shared_memory_region",
                InferParameter.newBuilder().setStringParam("r").build(),
                "shared_memory_offset",
                InferParameter.newBuilder().setInt64Param(offset).build(),
                "shared_memory_byte_size",
                InferParameter.newBuilder().setInt64Param(byteSize).build());
    }

    /** Asks for the first four bytes of the region to be repeated in its other ones. */
    private static ModelInferRequest question(String model, long inputSize, long outputSize) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("X")
                                .setDatatype("UINT8")
                                .addShape(1)
                                .addShape(4)
                                .putAllParameters(place(0, inputSize)))
                .addOutputs(
                        InferRequestedOutputTensor.newBuilder()
                                .setName("Y")
                                .putAllParameters(place(4, outputSize)))
                .build();
    }

    private ListenableFuture<ModelInferResponse> ask(ModelInferRequest question) {
        return GRPCInferenceServiceGrpc.newFutureStub(running.channel).modelInfer(question);
    }

    private ModelInferResponse answer(ModelInferRequest question) {
        return GRPCInferenceServiceGrpc.newBlockingStub(running.channel).modelInfer(question);
    }

    private void assertFails(ModelInferRequest question, Status.Code code, String text) {
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> answer(question));
        assertThat(failure.getStatus().getDescription()).isEqualTo(text);
        assertThat(failure.getStatus().getCode()).isEqualTo(code);
    }

    private Question nextHeld() throws InterruptedException {
        Question question = held.poll(30, TimeUnit.SECONDS);
        assertThat(question).isNotNull();
        return question;
    }

    @Test
    void readsInputsFromAndWritesOutputsToSharedMemory() {
        ModelInferResponse reply = answer(question("identity", 4, 4));

        assertThat(reply.getRawOutputContentsList()).containsExactly(ByteString.EMPTY);
        assertThat(reply.getOutputs(0).getShapeList()).containsExactly(1L, 4L);
        assertThat(reply.getOutputs(0).getParametersMap()).isEmpty();
        assertThat(running.extensions.memory.bytes("r")).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
        assertThat(allocator.copies().bytes(CopyMeter.Site.SHARED_INPUT)).isEqualTo(4);
    }

    @Test
    void refusesOutputsThatDoNotFit() {
        assertFails(
                question("identity", 4, 3),
                Status.Code.INTERNAL,
                "shared memory size specified with the request for output 'Y' (3 bytes) should be"
                        + " at least 4 bytes to hold the results");
    }

    @Test
    void letsGoWhatAnInvalidRequestHolds() {
        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> answer(question("identity", 3, 4)));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void letsGoWhatAFailedRequestHolds() throws InterruptedException {
        ListenableFuture<ModelInferResponse> reply = ask(question("held", 4, 4));
        Question question = nextHeld();
        assertThat(running.extensions.memory.openWindows()).isEqualTo(1);

        question.request().close();
        question.sender().fail(new StatusException(StatusCode.INTERNAL, "broken"));

        assertThat(catchThrowableOfType(Exception.class, () -> reply.get(30, TimeUnit.SECONDS)))
                .hasMessageContaining("broken");
    }

    @Test
    void letsGoWhatACancelledRequestHolds() throws InterruptedException {
        ListenableFuture<ModelInferResponse> reply = ask(question("held", 4, 4));
        Question question = nextHeld();
        CountDownLatch cancelled = new CountDownLatch(1);
        question.request().onCancel(cancelled::countDown);

        assertThat(reply.cancel(true)).isTrue();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
    }

    @Test
    void worksInStreamsWhateverTheirRequestsEndWith() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        client.send(
                        question("identity", 4, 4),
                        question("identity", 4, 3),
                        question("identity", 3, 4),
                        question("nosuch", 4, 4))
                .halfClose();

        assertThat(client.next().getInferResponse().getRawOutputContentsList())
                .containsExactly(ByteString.EMPTY);
        assertThat(client.next().getErrorMessage()).contains("'Y' (3 bytes) should be at least 4");
        assertThat(client.next().getErrorMessage()).contains("Expected 4, got 3");
        assertThat(client.next().getErrorMessage()).contains("nosuch");
        client.assertEndsWithoutMore();
        assertThat(running.extensions.memory.bytes("r")).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
    }

    @Test
    void keepsPlacesForEveryResponseOfADecoupledModel() throws InterruptedException {
        running.addModel(
                GrpcModels.decoupled("decoupled", DataType.TYPE_UINT8),
                (request, sender) -> held.add(new Question(request, sender)));
        StreamClient client = StreamClient.open(running.channel);
        client.send(question("decoupled", 4, 4)).halfClose();
        Question question = nextHeld();

        for (int i = 5; i < 8; i++) {
            TensorBuffer copy = allocator.allocate(4);
            copy.segment().fill((byte) i);
            Tensor output = new Tensor("Y", UINT8, Shape.of(1, 4), copy);
            question.sender()
                    .send(
                            new InferenceResponse("", "decoupled", 1, Map.of(), List.of(output)),
                            false);
            assertThat(client.next().getInferResponse().getOutputsCount()).isEqualTo(1);
            assertThat(running.extensions.memory.bytes("r")[7]).isEqualTo((byte) i);
        }
        question.request().close();
        question.sender().complete();
        client.assertEndsWithoutMore();
    }

    @Test
    void letsGoWhatACancelledStreamHolds() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        client.send(question("held", 4, 4));
        Question question = nextHeld();
        CountDownLatch cancelled = new CountDownLatch(1);
        question.request().onCancel(cancelled::countDown);

        client.cancel();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
    }

    @Test
    void countsCopiesAsBytesInFlight() throws Exception {
        ListenableFuture<ModelInferResponse> reply = ask(question("held", 4, 4));
        Question question = nextHeld();
        // the event loop has let the message go before it answers anything else
        assertThat(
                        GRPCInferenceServiceGrpc.newBlockingStub(running.channel)
                                .serverLive(ServerLiveRequest.getDefaultInstance())
                                .getLive())
                .isTrue();

        assertThat(running.admission.inFlightBytes()).isEqualTo(4);

        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
        assertThat(reply.get(30, TimeUnit.SECONDS).getOutputsCount()).isEqualTo(1);
    }
}
