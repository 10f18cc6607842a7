package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.DataType;
import io.nereid.protocol.FakeSharedMemory;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelInferDecoderTest {
    private static final InferParameter BOOL =
            InferParameter.newBuilder().setBoolParam(true).build();
    private static final InferParameter INT64 =
            InferParameter.newBuilder().setInt64Param(7).build();
    private static final InferParameter UINT64 =
            InferParameter.newBuilder().setUint64Param(7).build();
    private static final InferParameter DOUBLE =
            InferParameter.newBuilder().setDoubleParam(1.5).build();
    private static final InferParameter TEXT =
            InferParameter.newBuilder().setStringParam("x").build();
    private static final InferParameter NONE = InferParameter.getDefaultInstance();

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @RegisterExtension final FakeSharedMemory memory = new FakeSharedMemory();

    private final ModelInferDecoder decoder = new ModelInferDecoder(allocator, memory);
    private final ModelInferRequest.Builder message =
            ModelInferRequest.newBuilder().setModelName("m");

    @Test
    void readsIdOutputsAndRawInputs() {
        message.setId("i")
                .addInputs(input("A", "INT32", 2, 1))
                .addInputs(input("B", "FP16", 1))
                .addOutputs(output("Y"))
                .addOutputs(output("X"))
                .addRawInputContents(bytes(1, 2, 3, 4, 5, 6, 7, 8))
                .addRawInputContents(bytes(9, 10))
                .addRawInputContents(bytes(11));

        try (InferenceRequest request = decode().request()) {
            assertThat(request.modelName()).isEqualTo("m");
            assertThat(request.requestedVersion()).hasValue(5);
            assertThat(request.id()).isEqualTo("i");
            assertThat(request.requestedOutputs()).containsExactly("Y", "X");
            assertThat(request.inputs()).extracting(Tensor::name).containsExactly("A", "B");
            Tensor a = request.input("A").orElseThrow();
            assertThat(a.type()).isEqualTo(DataType.INT32);
            assertThat(a.shape()).isEqualTo(Shape.of(2, 1));
            assertBytes(a, 1, 2, 3, 4, 5, 6, 7, 8);
            assertBytes(request.input("B").orElseThrow(), 9, 10);
            // The raw inputs are parts of the one block that the message was read into.
            assertThat(allocator.openBlocks()).isEqualTo(1);
        }
    }

    @Test
    void keepsNegativeDimensionsAndUnknownTypesForTheValidation() {
        message.addInputs(input("A", "float", -4)).addRawInputContents(bytes());

        try (InferenceRequest request = decode().request()) {
            Tensor a = request.input("A").orElseThrow();
            assertThat(a.type()).isEqualTo(DataType.INVALID);
            assertThat(a.shape()).isEqualTo(Shape.of(-4));
        }
    }

    // Section 8: duplicates.

    @Test
    void refusesInputsOfTheSameNameBeforeAnyData() {
        message.setId("i")
                .addInputs(input("A", "INT32", 1))
                .addInputs(input("A", "INT32", 1))
                .addOutputs(output("O"))
                .addOutputs(output("O"));

        assertRefused("[request id: i] input 'A' already exists in request");
    }

    @Test
    void refusesOutputsOfTheSameNameBeforeAnyData() {
        message.addInputs(input("A", "INT32", 1)).addOutputs(output("O")).addOutputs(output("O"));

        assertRefused("[request id: <id_unknown>] output 'O' already exists in request");
    }

    // Section 9: parameters of the request.

    @Test
    void setsWhatParametersSay() {
        message.putParameters("sequence_id", INT64)
                .putParameters("sequence_start", BOOL)
                .putParameters("sequence_end", BOOL)
                .putParameters("priority", UINT64)
                .putParameters("timeout", InferParameter.newBuilder().setInt64Param(-1).build())
                .putParameters("triton_enable_empty_final_response", BOOL)
                .putParameters("a", INT64)
                .putParameters("b", BOOL)
                .putParameters("c", TEXT)
                .putParameters("d", DOUBLE);

        DecodedInfer decoded = decode();

        assertThat(decoded.emptyFinalResponse()).isTrue();
        try (InferenceRequest request = decoded.request()) {
            assertThat(request.correlationId()).isEqualTo(new CorrelationId.NumericId(7));
            assertThat(request.sequenceStart()).isTrue();
            assertThat(request.sequenceEnd()).isTrue();
            assertThat(request.priority()).isEqualTo(7);
            assertThat(request.timeoutMicros()).isEqualTo(-1);
            assertThat(request.parameters())
                    .containsEntry("a", new Parameter.Int64Value(7))
                    .containsEntry("b", new Parameter.BoolValue(true))
                    .containsEntry("c", new Parameter.StringValue("x"))
                    .containsEntry("d", new Parameter.DoubleValue(1.5))
                    .hasSize(4);
        }
    }

    @Test
    void takesTextsAsCorrelationIdsUpTo128Bytes() {
        message.putParameters("sequence_id", text("\u00e4".repeat(64)));

        try (InferenceRequest request = decode().request()) {
            assertThat(request.correlationId())
                    .isEqualTo(new CorrelationId.TextId("\u00e4".repeat(64)));
        }
    }

    @Test
    void refusesLongerCorrelationIds() {
        message.putParameters("sequence_id", text("\u00e4".repeat(64) + "a"));

        StatusException refusal = refusal();

        assertThat(refusal.code()).isEqualTo(StatusCode.UNSUPPORTED);
        assertThat(refusal.text())
                .isEqualTo("string correlation ID cannot be longer than 128 characters");
    }

    @Test
    void takesPrioritiesAsSignedNumbersFromZero() {
        message.putParameters("priority", INT64);
        try (InferenceRequest request = decode().request()) {
            assertThat(request.priority()).isEqualTo(7);
        }
        message.putParameters("priority", InferParameter.newBuilder().setInt64Param(-1).build());
        assertRefused("invalid value for 'priority', expected value >= 0.");
    }

    @Test
    void refusesParametersOfAnotherType() {
        String expected = "invalid value type for '%s' parameter, expected %s";
        for (InferParameter wrong : new InferParameter[] {BOOL, UINT64, DOUBLE, NONE}) {
            assertRefused("sequence_id", wrong, expected, "int64_param or string_param.");
        }
        for (InferParameter wrong : new InferParameter[] {INT64, UINT64, DOUBLE, TEXT, NONE}) {
            assertRefused("sequence_start", wrong, expected, "bool_param.");
            assertRefused("sequence_end", wrong, expected, "bool_param.");
            assertRefused("triton_enable_empty_final_response", wrong, expected, "bool_param.");
        }
        for (InferParameter wrong : new InferParameter[] {BOOL, DOUBLE, TEXT, NONE}) {
            assertRefused("priority", wrong, expected, "int64_param or uint64_param.");
        }
        for (InferParameter wrong : new InferParameter[] {BOOL, UINT64, DOUBLE, TEXT, NONE}) {
            assertRefused("timeout", wrong, expected, "int64_param.");
        }
        for (InferParameter wrong : new InferParameter[] {UINT64, NONE}) {
            assertRefused("mine", wrong, expected, "int64_param, bool_param, or string_param.");
        }
    }

    private void assertRefused(String key, InferParameter value, String text, String types) {
        message.clearParameters().putParameters(key, value);
        assertRefused(text.formatted(key, types));
    }

    @Test
    void refusesReservedParameters() {
        message.putParameters("triton_x", INT64);

        assertRefused(
                "parameter keys starting with 'triton_' are reserved for Triton usage. Only the"
                        + " following keys starting with 'triton_' are allowed:"
                        + " triton_enable_empty_final_response");
    }

    // Section 9: parameters of tensors.

    @Test
    void ignoresOtherParametersOfTensors() {
        message.addInputs(
                        input("A", "INT8", 1)
                                .putParameters("binary_data_size", INT64)
                                .putParameters("mine", NONE))
                .addOutputs(output("O").putParameters("binary_data", BOOL))
                .addRawInputContents(bytes(1));

        DecodedInfer decoded = decode();

        assertThat(decoded.classification()).isEmpty();
        decoded.request().close();
    }

    @Test
    void refusesSharedMemoryParametersOfAnotherType() {
        for (String key : new String[] {"offset", "byte_size"}) {
            withInputParameter("shared_memory_" + key, TEXT);
            assertRefused(
                    "invalid value type for 'shared_memory_"
                            + key
                            + "' parameter for tensor 'A', expected int64_param.");
        }
        withInputParameter("shared_memory_region", INT64);
        assertRefused(
                "invalid value type for 'shared_memory_region' parameter for tensor 'A', expected"
                        + " string_param.");
    }

    @Test
    void refusesSharedMemoryParametersThatAreAlone() {
        for (String key : new String[] {"offset", "byte_size"}) {
            withInputParameter("shared_memory_" + key, INT64);
            assertRefused(
                    "'shared_memory_"
                            + key
                            + "' can not be specified without 'shared_memory_region' parameter for"
                            + " tensor 'A'");
        }
        withInputParameter("shared_memory_region", TEXT);
        assertRefused(
                "'shared_memory_byte_size' must be specified along with 'shared_memory_region'"
                        + " parameter for tensor 'A'");
    }

    private void withInputParameter(String key, InferParameter value) {
        message.clearInputs().addInputs(input("A", "INT8", 1).putParameters(key, value));
    }

    @Test
    void refusesContentsBesidesSharedMemory() {
        message.addInputs(
                input("A", "INT8", 1)
                        .putParameters("shared_memory_region", TEXT)
                        .putParameters("shared_memory_byte_size", INT64)
                        .setContents(InferTensorContents.getDefaultInstance()));

        assertRefused(
                "unexpected 'content' provided when using shared memory for input tensor 'A' for"
                        + " model 'm'");
    }

    @Test
    void copiesInputsOutOfSharedMemory() {
        memory.region("x", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        message.addInputs(input("A", "INT8", 7).putAllParameters(shared(2)))
                .addInputs(input("B", "INT8", 2))
                .addRawInputContents(bytes(40, 41));

        DecodedInfer decoded = decode();
        try (InferenceRequest request = decoded.request();
                SharedOutputs shared = decoded.shared()) {
            memory.region("x", 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);
            assertBytes(request.input("A").orElseThrow(), 2, 3, 4, 5, 6, 7, 8);
            // An input in shared memory has no raw entry.
            assertBytes(request.input("B").orElseThrow(), 40, 41);
            assertThat(shared.contains("A")).isFalse();
        }
        assertThat(memory.openWindows()).isZero();
        assertThat(allocator.copies().bytes(CopyMeter.Site.SHARED_INPUT)).isEqualTo(7);
    }

    @Test
    void keepsPlacesOfOutputsOpen() {
        memory.region("x", new int[20]);
        message.addOutputs(output("O").putAllParameters(shared(4))).addOutputs(output("P"));

        DecodedInfer decoded = decode();

        assertThat(memory.openWindows()).isEqualTo(1);
        assertThat(decoded.shared().contains("O")).isTrue();
        assertThat(decoded.shared().contains("P")).isFalse();
        decoded.shared().close();
        decoded.request().close();
        assertThat(memory.openWindows()).isZero();
    }

    @Test
    void refusesRegionsThatAreNotThere() {
        message.addInputs(input("A", "INT8", 7).putAllParameters(shared(0)));
        assertThat(refusal().code()).isEqualTo(StatusCode.NOT_FOUND);

        message.clearInputs().addOutputs(output("O").putAllParameters(shared(0)));
        assertThat(refusal().text()).isEqualTo("Unable to find shared memory region: 'x'");
    }

    @Test
    void givesEverythingBackIfALaterOutputIsWrong() {
        memory.region("x", new int[20]);
        message.addInputs(input("A", "INT8", 7).putAllParameters(shared(0)))
                .addOutputs(output("O").putAllParameters(shared(4)))
                .addOutputs(output("P").putParameters("classification", TEXT));

        assertRefused("invalid value type for 'classification' parameter, expected int64_param");
        assertThat(memory.openWindows()).isZero();
    }

    @Test
    void takesNegativeNumbersForUnsignedOnes() {
        memory.region("x", 1);
        message.addInputs(input("A", "INT8", 7).putAllParameters(shared(-1)));

        assertRefused("fake: 18446744073709551615 + 7");
    }

    /** Seven bytes of region x. */
    private static Map<String, InferParameter> shared(long offset) {
        return Map.of(
                "shared_memory_region",
                TEXT,
                "shared_memory_offset",
                InferParameter.newBuilder().setInt64Param(offset).build(),
                "shared_memory_byte_size",
                INT64);
    }

    @Test
    void readsClassification() {
        message.addOutputs(output("O").putParameters("classification", INT64))
                .addOutputs(output("P"));

        DecodedInfer decoded = decode();

        assertThat(decoded.classification()).containsOnlyKeys("O").containsEntry("O", 7L);
        decoded.request().close();
    }

    @Test
    void refusesOtherClassification() {
        message.addOutputs(output("O").putParameters("classification", TEXT));
        assertRefused("invalid value type for 'classification' parameter, expected int64_param");

        message.setOutputs(
                0,
                output("O")
                        .putParameters(
                                "classification",
                                InferParameter.newBuilder().setInt64Param(0).build()));
        assertRefused("invalid value for 'classification' parameter, expected >= 0");

        message.setOutputs(
                0,
                output("O")
                        .putParameters("classification", INT64)
                        .putParameters("shared_memory_region", TEXT)
                        .putParameters("shared_memory_byte_size", INT64));
        assertRefused("output can't set both 'shared_memory_region' and 'classification'");
    }

    @Test
    void looksAtInputDataBeforeOutputParameters() {
        message.addInputs(input("A", "INT8", 1))
                .addOutputs(output("O").putParameters("classification", TEXT));

        assertRefused("unable to find data for input tensor 'A' for model 'm' in request.");
    }

    @Test
    void closesInputsIfAnOutputParameterIsWrong() {
        message.addInputs(
                        input("A", "INT8", 1)
                                .setContents(InferTensorContents.newBuilder().addIntContents(1)))
                .addOutputs(output("O").putParameters("classification", TEXT));

        assertRefused("invalid value type for 'classification' parameter, expected int64_param");
    }

    // Section 10.

    @Test
    void refusesContentsBesidesRawContents() {
        message.addInputs(input("A", "INT8", 1))
                .addInputs(
                        input("B", "INT8", 1)
                                .setContents(InferTensorContents.newBuilder().addIntContents(1)))
                .addRawInputContents(bytes(1));

        assertRefused(
                "contents field must not be specified when using raw_input_contents for 'B' for"
                        + " model 'm'");
    }

    @Test
    void refusesInputsWithoutData() {
        message.addInputs(input("A", "INT8", 1))
                .addInputs(input("B", "INT8", 1))
                .addRawInputContents(bytes(1));

        assertRefused("unable to find data for input tensor 'B' for model 'm' in request.");
    }

    @Test
    void emptyContentsAreATensorOfNoBytes() {
        for (DataType type : DataType.values()) {
            message.clearInputs()
                    .addInputs(
                            input("A", type.wireName(), 0)
                                    .setContents(InferTensorContents.getDefaultInstance()));
            try (InferenceRequest request = decode().request()) {
                assertBytes(request.input("A").orElseThrow());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 01 00 01",
        "INT8, 2c fe 00",
        "INT16, 2c01 feff 0000",
        "INT32, 2c010000 feffffff 00000080",
        "INT64, 0100000000000000 feffffffffffffff 0000000000000080",
        "UINT8, 2c fe 00",
        "UINT16, 2c01 feff 0000",
        "UINT32, 2c010000 feffffff 00000080",
        "UINT64, 0100000000000000 feffffffffffffff 0000000000000080",
        "FP32, 0000803f 0000c0bf 0000c07f",
        "FP64, 000000000000f03f 000000000000f8bf 000000000000f87f",
        "BYTES, 01000000 61 00000000 02000000 ff00"
    })
    void writesTypedContentsAsBytes(String type, String hex) {
        message.addInputs(input("A", type, 3).setContents(contents(type)));

        try (InferenceRequest request = decode().request()) {
            byte[] expected = HexFormat.of().parseHex(hex.replace(" ", ""));
            assertThat(
                            request.input("A")
                                    .orElseThrow()
                                    .buffer()
                                    .segment()
                                    .toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(expected);
        }
    }

    /** Each kind of field with every type that it does not fit. */
    @ParameterizedTest
    @ValueSource(strings = {"BOOL", "INT32", "INT64", "UINT32", "UINT64", "FP32", "FP64", "BYTES"})
    void refusesContentsThatDoNotFitTheType(String field) {
        for (DataType declared : DataType.values()) {
            boolean fits = declared.wireName().equals(field) || isNarrower(declared, field);
            message.clearInputs()
                    .addInputs(input("A", declared.wireName(), 3).setContents(contents(field)));
            if (fits) {
                decode().request().close();
            } else {
                assertRefused(
                        "unexpected explicit tensor data for input tensor 'A' for model 'm' of type"
                                + " '"
                                + field
                                + "', expected datatype '"
                                + declared.wireName()
                                + "'");
            }
        }
    }

    private static boolean isNarrower(DataType declared, String field) {
        return switch (declared) {
            case INT8, INT16 -> field.equals("INT32");
            case UINT8, UINT16 -> field.equals("UINT32");
            default -> false;
        };
    }

    @Test
    void refusesTwoFieldsOfContents() {
        message.addInputs(
                input("A", "INT32", 1)
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addIntContents(1)
                                        .addInt64Contents(1)));

        assertRefused(
                "unexpected explicit tensor data for input tensor 'A' for model 'm', binary data was"
                        + " already supplied.");
    }

    private static InferTensorContents contents(String type) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        return switch (type) {
            case "BOOL" ->
                    contents.addBoolContents(true)
                            .addBoolContents(false)
                            .addBoolContents(true)
                            .build();
            case "INT8", "INT16", "INT32" ->
                    contents.addIntContents(300)
                            .addIntContents(-2)
                            .addIntContents(Integer.MIN_VALUE)
                            .build();
            case "UINT8", "UINT16", "UINT32" ->
                    contents.addUintContents(300)
                            .addUintContents(-2)
                            .addUintContents(Integer.MIN_VALUE)
                            .build();
            case "INT64" ->
                    contents.addInt64Contents(1)
                            .addInt64Contents(-2)
                            .addInt64Contents(Long.MIN_VALUE)
                            .build();
            case "UINT64" ->
                    contents.addUint64Contents(1)
                            .addUint64Contents(-2)
                            .addUint64Contents(Long.MIN_VALUE)
                            .build();
            case "FP32" ->
                    contents.addFp32Contents(1)
                            .addFp32Contents(-1.5f)
                            .addFp32Contents(Float.NaN)
                            .build();
            case "FP64" ->
                    contents.addFp64Contents(1)
                            .addFp64Contents(-1.5)
                            .addFp64Contents(Double.NaN)
                            .build();
            case "BYTES" ->
                    contents.addBytesContents(bytes('a'))
                            .addBytesContents(bytes())
                            .addBytesContents(bytes(255, 0))
                            .build();
            default -> throw new IllegalArgumentException(type);
        };
    }

    private DecodedInfer decode() {
        try (ModelInferMessage parsed =
                ModelInferMessage.parse(allocator.bytes(message.build().toByteArray()))) {
            return decoder.decode(parsed, OptionalLong.of(5));
        }
    }

    private StatusException refusal() {
        StatusException refusal = catchThrowableOfType(StatusException.class, this::decode);

        assertThat(refusal).isNotNull();
        assertThat(allocator.openBlocks()).isZero();
        return refusal;
    }

    private void assertRefused(String text) {
        StatusException refusal = refusal();

        assertThat(refusal.text()).isEqualTo(text);
        assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
    }

    private static void assertBytes(Tensor tensor, int... expected) {
        byte[] found = tensor.buffer().segment().toArray(ValueLayout.JAVA_BYTE);
        assertThat(ByteString.copyFrom(found)).isEqualTo(bytes(expected));
    }

    private static InferParameter text(String text) {
        return InferParameter.newBuilder().setStringParam(text).build();
    }

    private static InferInputTensor.Builder input(String name, String type, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(type);
        for (long dim : shape) {
            input.addShape(dim);
        }
        return input;
    }

    private static InferRequestedOutputTensor.Builder output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name);
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}
