package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.protocol.proto.ModelConfigProto.ModelTransactionPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that were recorded from the reference server are answered in the same way. */
class RecordedCallsTest {
    /** The engine behind the reference ends texts at a NUL; the model here does not. */
    private static final String CUT_BY_ENGINE = "grpc infer string contents";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;

    @BeforeEach
    void start() {
        running = new RunningFrontend(allocator);
        for (DataType type : DataType.values()) {
            if (type != DataType.TYPE_INVALID && type != DataType.UNRECOGNIZED) {
                String suffix = type.name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
                running.addIdentity(GrpcModels.identity("id_" + suffix, type));
            }
        }
        running.addModel(GrpcModels.addSub("add_sub", 8, 16), this::addSub);
        running.addModel(GrpcModels.addSub("add_sub_nobatch", 0, 4), this::addSub);
        running.addModel(GrpcModels.classify(), this::probabilities);
        running.labels.putAll(Map.of("PROB0", "zero", "PROB1", "one"));
        ModelConfig repeat = GrpcModels.identity("repeat", DataType.TYPE_INT32);
        running.addModel(
                ModelConfig.of(
                        repeat.message().toBuilder()
                                .setModelTransactionPolicy(
                                        ModelTransactionPolicy.newBuilder().setDecoupled(true))
                                .build()),
                this::addSub);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    record RecordedCall(String name, String service, String rpc, String request, Struct response) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<RecordedCall> calls() throws IOException {
        List<RecordedCall> calls = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        RecordedCallsTest.class.getResourceAsStream(
                                                "/grpc/recorded-unary.jsonl")),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                calls.add(call(line));
            }
        }
        assertThat(calls).hasSizeGreaterThan(40);
        return calls.stream().filter(call -> !call.name().equals(CUT_BY_ENGINE));
    }

    private static RecordedCall call(String line) throws InvalidProtocolBufferException {
        Struct.Builder call = Struct.newBuilder();
        JsonFormat.parser().merge(line, call);
        return new RecordedCall(
                call.getFieldsOrThrow("name").getStringValue(),
                call.getFieldsOrThrow("service").getStringValue(),
                call.getFieldsOrThrow("rpc").getStringValue(),
                JsonFormat.printer().print(call.getFieldsOrThrow("request").getStructValue()),
                call.getFieldsOrThrow("response").getStructValue());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void areAnsweredAsByTheReference(RecordedCall recorded) throws InvalidProtocolBufferException {
        MethodDescriptor<Message, Message> method = method(recorded.service(), recorded.rpc());
        Message.Builder request = messageType(method.getRequestMarshaller());
        JsonFormat.parser().merge(recorded.request(), request);
        String code = recorded.response().getFieldsOrThrow("code").getStringValue();

        if (code.equals("OK")) {
            Message.Builder expected = messageType(method.getResponseMarshaller());
            JsonFormat.parser()
                    .merge(
                            JsonFormat.printer()
                                    .print(recorded.response().getFieldsOrThrow("message")),
                            expected);

            Message found = send(method, request.build());

            if (!recorded.rpc().equals("ServerMetadata")) {
                assertThat(found).isEqualTo(expected.build());
            }
        } else {
            StatusRuntimeException failure =
                    catchThrowableOfType(
                            StatusRuntimeException.class, () -> send(method, request.build()));

            assertThat(failure.getStatus().getCode().name()).isEqualTo(code);
            assertThat(failure.getStatus().getDescription())
                    .isEqualTo(recorded.response().getFieldsOrThrow("details").getStringValue());
        }
    }

    private Message send(MethodDescriptor<Message, Message> method, Message request) {
        return ClientCalls.blockingUnaryCall(running.channel, method, CallOptions.DEFAULT, request);
    }

    @SuppressWarnings("unchecked")
    private static MethodDescriptor<Message, Message> method(String service, String rpc) {
        ServiceDescriptor descriptor =
                service.equals(HealthGrpc.SERVICE_NAME)
                        ? HealthGrpc.getServiceDescriptor()
                        : GRPCInferenceServiceGrpc.getServiceDescriptor();
        return (MethodDescriptor<Message, Message>)
                descriptor.getMethods().stream()
                        .filter(method -> rpc.equals(method.getBareMethodName()))
                        .findAny()
                        .orElseThrow();
    }

    private static Message.Builder messageType(MethodDescriptor.Marshaller<Message> marshaller) {
        MethodDescriptor.PrototypeMarshaller<Message> prototype =
                (MethodDescriptor.PrototypeMarshaller<Message>) marshaller;
        return Objects.requireNonNull(prototype.getMessagePrototype()).newBuilderForType();
    }

    /** The scores as they came, for the model classify. */
    private void probabilities(InferenceRequest request, ResponseSender sender) {
        running.instance.execute(() -> {
            Tensor scores = request.input("SCORES").orElseThrow();
            List<Tensor> outputs = List.of(scores.retain().withName("PROB"));
            request.close();
            sender.send(new InferenceResponse("", "classify", 1, Map.of(), outputs), true);
        });
    }

    /** Sums and differences of the requested outputs, on an instance's thread. */
    private void addSub(InferenceRequest request, ResponseSender sender) {
        running.instance.execute(() -> {
            List<Tensor> outputs = new ArrayList<>();
            for (String name : List.of("OUTPUT0", "OUTPUT1")) {
                if (request.requestedOutputs().contains(name)) {
                    outputs.add(combine(request, name));
                }
            }
            String model = request.modelName();
            String id = request.id();
            request.close();
            sender.send(new InferenceResponse(id, model, 1, Map.of(), outputs), true);
        });
    }

    private Tensor combine(InferenceRequest request, String name) {
        Tensor left = request.input("INPUT0").orElseThrow();
        Tensor right = request.input("INPUT1").orElseThrow();
        int sign = name.equals("OUTPUT0") ? 1 : -1;
        TensorBuffer result = allocator.allocate(left.buffer().byteSize());
        for (int i = 0; i < left.buffer().byteSize() / Integer.BYTES; i++) {
            int a = left.buffer().segment().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
            int b = right.buffer().segment().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
            result.segment().setAtIndex(ValueLayout.JAVA_INT, i, a + sign * b);
        }
        return new Tensor(name, left.type(), left.shape(), result);
    }
}
