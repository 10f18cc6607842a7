package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
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

    private static final RestrictedApis ADMIN_KEY =
            new RestrictedApis(
                    Map.of(
                            ApiCategory.MODEL_REPOSITORY,
                            new RestrictedApis.Header(
                                    "triton-grpc-protocol-admin-key", "admin-value")));

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;

    @BeforeEach
    void start() {
        start(TestOptions.grpc(0));
    }

    private void start(ServerOptions.Grpc options) {
        running = new RunningFrontend(allocator, options);
        for (DataType type : DataType.values()) {
            if (type != DataType.TYPE_INVALID && type != DataType.UNRECOGNIZED) {
                String suffix = type.name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
                running.addIdentity(GrpcModels.identity("id_" + suffix, type));
            }
        }
        running.addModel(GrpcModels.addSub("add_sub", 8, 16), this::addSub);
        running.addModel(GrpcModels.addSub("add_sub_nobatch", 0, 4), this::addSub);
        running.addModel(GrpcModels.classify(), this::probabilities);
        running.catalog.label("PROB", 0, "zero");
        running.catalog.label("PROB", 1, "one");
        running.addModel(GrpcModels.repeat(), this::repeat);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    /** A call with one request, and the metadata that it was made with. */
    record RecordedCall(
            String name,
            String server,
            String service,
            String rpc,
            String request,
            Struct metadata,
            Struct response) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A stream with its requests and replies in order. */
    record RecordedStream(String name, List<String> requests, List<String> replies, String code) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<RecordedCall> calls() throws IOException {
        List<Struct> recorded = recorded("/grpc/recorded-unary.jsonl");
        assertThat(recorded).hasSizeGreaterThan(50);
        return recorded.stream()
                .map(RecordedCallsTest::call)
                .filter(call -> !call.name().equals(CUT_BY_ENGINE));
    }

    static Stream<RecordedStream> streams() throws IOException {
        List<Struct> recorded = recorded("/grpc/recorded-streams.jsonl");
        assertThat(recorded).hasSize(5);
        return recorded.stream().map(RecordedCallsTest::stream);
    }

    private static List<Struct> recorded(String resource) throws IOException {
        List<Struct> recorded = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        RecordedCallsTest.class.getResourceAsStream(resource)),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Struct.Builder call = Struct.newBuilder();
                JsonFormat.parser().merge(line, call);
                recorded.add(call.build());
            }
        }
        return recorded;
    }

    private static RecordedCall call(Struct call) {
        return new RecordedCall(
                call.getFieldsOrThrow("name").getStringValue(),
                call.getFieldsOrDefault("server", Value.getDefaultInstance()).getStringValue(),
                call.getFieldsOrThrow("service").getStringValue(),
                call.getFieldsOrThrow("rpc").getStringValue(),
                json(call.getFieldsOrThrow("request")),
                call.getFieldsOrDefault("metadata", Value.getDefaultInstance()).getStructValue(),
                call.getFieldsOrThrow("response").getStructValue());
    }

    private static RecordedStream stream(Struct stream) {
        return new RecordedStream(
                stream.getFieldsOrThrow("name").getStringValue(),
                jsons(stream.getFieldsOrThrow("requests")),
                jsons(stream.getFieldsOrThrow("responses")),
                stream.getFieldsOrThrow("status")
                        .getStructValue()
                        .getFieldsOrThrow("code")
                        .getStringValue());
    }

    private static List<String> jsons(Value list) {
        return list.getListValue().getValuesList().stream().map(RecordedCallsTest::json).toList();
    }

    private static String json(Value message) {
        try {
            return JsonFormat.printer().print(message.getStructValue());
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void areStreamedAsByTheReference(RecordedStream recorded)
            throws InvalidProtocolBufferException, InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        for (String json : recorded.requests()) {
            ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
            JsonFormat.parser().merge(json, request);
            client.send(request.build());
        }
        client.halfClose();

        for (String json : recorded.replies()) {
            ModelStreamInferResponse.Builder expected = ModelStreamInferResponse.newBuilder();
            JsonFormat.parser().merge(json, expected);
            assertThat(client.next()).isEqualTo(expected.build());
        }
        assertThat(client.status().getCode().name()).isEqualTo(recorded.code());
        assertThat(client.hasReplies()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void areAnsweredAsByTheReference(RecordedCall recorded)
            throws InvalidProtocolBufferException, InterruptedException {
        if (recorded.server().equals("restricted-grpc")) {
            running.stop();
            start(TestOptions.grpc(0, ADMIN_KEY, HeaderForwarding.NONE));
        }
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

            Message found = send(method, request.build(), recorded.metadata());

            if (!recorded.rpc().equals("ServerMetadata")) {
                assertThat(found).isEqualTo(expected.build());
            }
        } else {
            StatusRuntimeException failure =
                    catchThrowableOfType(
                            StatusRuntimeException.class,
                            () -> send(method, request.build(), recorded.metadata()));

            assertThat(failure.getStatus().getCode().name()).isEqualTo(code);
            assertThat(failure.getStatus().getDescription())
                    .isEqualTo(recorded.response().getFieldsOrThrow("details").getStringValue());
        }
    }

    private Message send(
            MethodDescriptor<Message, Message> method, Message request, Struct metadata) {
        Metadata headers = new Metadata();
        metadata.getFieldsMap()
                .forEach((name, value) ->
                        headers.put(
                                Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER),
                                value.getStringValue()));
        return ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(
                        running.channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                method,
                CallOptions.DEFAULT,
                request);
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

    /** A response for each element of IN, then the end. */
    private void repeat(InferenceRequest request, ResponseSender sender) {
        running.instance.execute(() -> {
            int[] values =
                    request.input("IN")
                            .orElseThrow()
                            .buffer()
                            .segment()
                            .toArray(ValueLayout.JAVA_INT_UNALIGNED);
            String id = request.id();
            request.close();
            for (int i = 0; i < values.length; i++) {
                List<Tensor> outputs =
                        List.of(
                                scalar("OUT", io.nereid.protocol.DataType.INT32, values[i]),
                                scalar("IDX", io.nereid.protocol.DataType.UINT32, i));
                sender.send(new InferenceResponse(id, "repeat", 1, Map.of(), outputs), false);
            }
            sender.complete();
        });
    }

    private Tensor scalar(String name, io.nereid.protocol.DataType type, int value) {
        TensorBuffer buffer = allocator.allocate(Integer.BYTES);
        buffer.segment().set(ValueLayout.JAVA_INT, 0, value);
        return new Tensor(name, type, Shape.of(1), buffer);
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
