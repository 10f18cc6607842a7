package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import io.nereid.protocol.proto.ModelConfigProto.ModelTensorReshape;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The rules of validation sections 5 to 12. The models {@code s}, {@code d} and {@code t} are those
 * of the worked examples in section 18.
 */
class RequestValidatorTest {
    private static final String NO_ID = "[request id: <id_unknown>] ";
    private static final String NOTE =
            "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension"
                    + " to be prepended to each input shape. If you want to specify the full shape"
                    + " including the batch dim in your input dims config, try setting"
                    + " max_batch_size to zero. See the model configuration docs for more info on"
                    + " max_batch_size.";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final ModelConfig s =
            model("s", 8, input("INPUT0", DataType.INT32, 16), input("INPUT1", DataType.INT32, 16));
    private final ModelConfig d = model("d", 0, input("X", DataType.FP32, -1, 4));
    private final ModelConfig t = model("t", 0, input("S", DataType.BYTES, -1));

    private InferenceRequest request = new InferenceRequest("s", OptionalLong.empty());

    @AfterEach
    void close() {
        request.close();
    }

    // Section 18, by number.

    @Test
    void example1NamesTheMissingInput() {
        int32("INPUT0", 16, 1, 16);

        assertRefused(
                s,
                NO_ID
                        + "expected 2 inputs but got 1 inputs for model 's'. Got input(s)"
                        + " ['INPUT0'], but missing required input(s) ['INPUT1']. Please provide"
                        + " all required input(s).");
    }

    @Test
    void example2NamesTheUnexpectedInput() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT9", 16, 1, 16);

        assertRefused(s, "unexpected inference input 'INPUT9' for model 's'");
    }

    @Test
    void example3ListsTooManyInputsBackwards() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 16, 1, 16);
        int32("INPUT2", 16, 1, 16);

        assertRefused(
                s,
                NO_ID
                        + "expected 2 inputs but got 3 inputs for model 's'. Got input(s)"
                        + " ['INPUT2','INPUT1','INPUT0'], but missing required input(s) ]. Please"
                        + " provide all required input(s).");
    }

    @Test
    void example4ComplainsOfTheLastWrongShape() {
        int32("INPUT0", 15, 1, 15);
        int32("INPUT1", 15, 1, 15);

        assertRefused(
                s,
                NO_ID
                        + "unexpected shape for input 'INPUT1' for model 's'. Expected [-1,16], got"
                        + " [1,15]. "
                        + NOTE);
    }

    @Test
    void example5ReadsTheFirstDimensionAsTheBatch() {
        int32("INPUT0", 16, 16);
        int32("INPUT1", 16, 16);

        assertRefused(s, NO_ID + "inference request batch-size must be <= 8 for 's'");
    }

    @Test
    void example6RefusesALargerBatchThanTheModelTakes() {
        int32("INPUT0", 0, 9, 16);
        int32("INPUT1", 0, 9, 16);

        assertRefused(s, NO_ID + "inference request batch-size must be <= 8 for 's'");
    }

    @Test
    void example7RefusesDifferentBatches() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 32, 2, 16);

        assertRefused(s, NO_ID + "input 'INPUT0' batch size does not match other inputs for 's'");
    }

    @Test
    void example8RefusesAnotherType() {
        request.addInput(fp32("INPUT0", 16, 1, 16));
        request.addInput(fp32("INPUT1", 16, 1, 16));

        assertRefused(
                s,
                NO_ID
                        + "inference input 'INPUT1' data-type is 'FP32', but model 's' expects"
                        + " 'INT32'");
    }

    @Test
    void example9RefusesTooFewBytes() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 15, 1, 16);

        assertRefused(
                s,
                NO_ID
                        + "input byte size mismatch for input 'INPUT1' for model 's'. Expected 64,"
                        + " got 60");
    }

    @Test
    void example10NamesTheUnknownOutput() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 16, 1, 16);
        request.addRequestedOutput("OUT");

        assertRefused(s, "unexpected inference output 'OUT' for model 's'");
    }

    @Test
    void example11RefusesAnEmptyBatch() {
        int32("INPUT0", 0, 0, 16);
        int32("INPUT1", 0, 0, 16);

        assertRefused(
                s,
                NO_ID
                        + "input byte size mismatch for input 'INPUT1' for model 's'. Expected 64,"
                        + " got 0");
    }

    @Test
    void example13RefusesAnOpenDimension() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 16, 1, -1);

        assertRefused(
                s,
                NO_ID
                        + "All input dimensions should be specified for input 'INPUT1' for model"
                        + " 's', got [1,-1]");
    }

    @Test
    void example14AcceptsAnEmptyTensor() {
        request.addInput(fp32("X", 0, 0, 4));

        validate(d);

        assertThat(request.batchSize()).isZero();
        assertThat(shapeOf("X")).isEqualTo(Shape.of(0, 4));
    }

    @Test
    void example15EndsWithABlankWithoutBatching() {
        request.addInput(fp32("X", 6, 2, 3));

        assertRefused(
                d,
                NO_ID
                        + "unexpected shape for input 'X' for model 'd'. Expected [-1,4], got"
                        + " [2,3]. ");
    }

    @Test
    void examples16And17AcceptWhatWasDeducedAndRefuseTheRemainder() {
        request.addInput(fp32("X", 8, 2, 4));
        validate(d);
        request.close();

        request = new InferenceRequest("d", OptionalLong.empty());
        request.addInput(fp32("X", 5, 1, 4));
        assertRefused(
                d,
                NO_ID
                        + "input byte size mismatch for input 'X' for model 'd'. Expected 16, got"
                        + " 20");
    }

    @Test
    void example18CountsMissingElements() {
        request.addInput(allocator.texts("S", Shape.of(2), "a"));

        assertRefused(
                t,
                NO_ID
                        + "expected 2 string elements for inference input 'S' for model 't', got"
                        + " 1");
    }

    @Test
    void example19CountsSurplusElements() {
        request.addInput(allocator.texts("S", Shape.of(1), "a", "b"));

        assertRefused(
                t,
                NO_ID
                        + "unexpected number of string elements 2 for inference input 'S' for model"
                        + " 't', expecting 1");
    }

    @Test
    void example23BeginsWithTheIdOfTheRequest() {
        request.setId("a1");
        int32("INPUT0", 0, 9, 16);
        int32("INPUT1", 0, 9, 16);

        assertRefused(s, "[request id: a1] inference request batch-size must be <= 8 for 's'");
    }

    // Section 5.

    @Test
    void asksForAllOutputsIfNoneWasNamed() {
        int32("INPUT0", 32, 2, 16);
        int32("INPUT1", 32, 2, 16);

        validate(s);

        assertThat(request.requestedOutputs()).containsExactly("OUTPUT");
        assertThat(request.batchSize()).isEqualTo(2);
    }

    @Test
    void keepsTheOutputsThatWereNamed() {
        ModelConfig two =
                ModelConfig.of(
                        d.message().toBuilder()
                                .addOutput(d.message().getOutput(0).toBuilder().setName("MORE"))
                                .build());
        request.addInput(fp32("X", 4, 1, 4));
        request.addRequestedOutput("MORE");

        validate(two);

        assertThat(request.requestedOutputs()).containsExactly("MORE");
    }

    @Test
    void namesTheFirstUnknownOutputInSortedOrderBeforeItLooksAtInputs() {
        request.addRequestedOutput("Z");
        request.addRequestedOutput("B");

        assertRefused(s, "unexpected inference output 'B' for model 's'");
    }

    // Section 6.

    @Test
    void listsNothingIfThereAreNoInputs() {
        assertRefused(
                s,
                NO_ID
                        + "expected 2 inputs but got 0 inputs for model 's'. Got input(s) [], but"
                        + " missing required input(s) ['INPUT0','INPUT1']. Please provide all"
                        + " required input(s).");
    }

    @Test
    void acceptsTheAbsenceOfOptionalInputs() {
        request.addInput(fp32("A", 1, 1));

        validate(optional(0));

        assertThat(request.inputs()).extracting(Tensor::name).containsExactly("A");
    }

    @Test
    void namesTheRangeOfCountsWithOptionalInputs() {
        assertRefused(
                optional(0),
                NO_ID
                        + "expected number of inputs between 1 and 2 but got 0 inputs for model"
                        + " 'o'. Got input(s) [], but missing required input(s) ['A']. Please"
                        + " provide all required input(s).");
    }

    @Test
    void refusesAnOptionalInputInPlaceOfARequiredOne() {
        request.addInput(fp32("B", 1, 1));

        assertRefused(
                optional(0),
                NO_ID
                        + "expected number of inputs between 1 and 2 but got 1 inputs for model"
                        + " 'o'. Got input(s) ['B'], but missing required input(s) ['A']. Please"
                        + " provide all required input(s).");
    }

    @Test
    void acceptsNoInputsIfAllAreOptional() {
        ModelConfig all =
                model("o", 4, input("A", DataType.FP32, 1).toBuilder().setOptional(true).build());

        validate(all);

        assertThat(request.batchSize()).isZero();
        assertThat(request.inputs()).isEmpty();
    }

    // Section 7.

    @Test
    void refusesAShapeWithoutBatchDimension() {
        int32("INPUT0", 1, 1, 16);
        int32("INPUT1", 1);

        assertRefused(
                s,
                NO_ID + "input 'INPUT1' has no shape but model requires batch dimension for 's'");
    }

    @Test
    void refusesNegativeAndHugeBatches() {
        for (long batch : new long[] {-1, Long.MIN_VALUE, 1L << 32, Long.MAX_VALUE}) {
            int32("INPUT0", 16, batch, 16);
            int32("INPUT1", 16, batch, 16);
            assertRefused(s, NO_ID + "inference request batch-size must be <= 8 for 's'");
            request.close();
            request = new InferenceRequest("s", OptionalLong.empty());
        }
    }

    @Test
    void refusesAnEmptyBatchOfEmptyItems() {
        ModelConfig variable = model("v", 4, input("A", DataType.FP32, -1));
        request.addInput(fp32("A", 0, 0, 0));

        assertRefused(variable, NO_ID + "inference request batch-size must be > 0 for 'v'");
    }

    @Test
    void refusesAnEmptyBatchOfScalars() {
        ModelConfig scalar = model("v", 4, reshaped("A", new long[] {1}));
        request.addInput(fp32("A", 0, 0, 1));

        assertRefused(scalar, NO_ID + "inference request batch-size must be > 0 for 'v'");
    }

    @Test
    void refusesAnEmptyBatchBesideAFullOne() {
        int32("INPUT0", 16, 1, 16);
        int32("INPUT1", 0, 0, 16);

        assertRefused(
                s,
                NO_ID
                        + "input byte size mismatch for input 'INPUT1' for model 's'. Expected 64,"
                        + " got 0");
    }

    // Section 8.

    @Test
    void refusesATypeThatIsNone() {
        request.addInput(new Tensor("X", DataType.INVALID, Shape.of(1, 4), allocator.allocate(16)));

        assertRefused(
                d,
                NO_ID
                        + "inference input 'X' data-type is '<invalid>', but model 'd' expects 'FP32'");
    }

    @Test
    void looksAtTheTypeOfOneInputBeforeTheShapeOfTheNext() {
        request.addInput(fp32("INPUT0", 16, 1, 16));
        int32("INPUT1", 15, 1, 15);

        assertRefused(
                s,
                NO_ID
                        + "unexpected shape for input 'INPUT1' for model 's'. Expected [-1,16], got"
                        + " [1,15]. "
                        + NOTE);
    }

    // Section 9.

    @Test
    void refusesAnotherRankWithoutLookingAtOpenDimensions() {
        request.addInput(fp32("X", 0, -1, 4, 1));

        assertRefused(
                d,
                NO_ID
                        + "unexpected shape for input 'X' for model 'd'. Expected [-1,4], got"
                        + " [-1,4,1]. ");
    }

    @Test
    void stopsAtTheFirstDimensionThatDiffers() {
        ModelConfig fixed = model("f", 0, input("X", DataType.FP32, 2, 3));
        request.addInput(fp32("X", 0, 4, -1));

        assertRefused(
                fixed,
                NO_ID
                        + "unexpected shape for input 'X' for model 'f'. Expected [2,3], got"
                        + " [4,-1]. ");
    }

    // Section 10.

    @Test
    void handsOnTheShapeOfTheModel() {
        ModelConfig reshaped = model("r", 8, reshaped("A", new long[] {-1, 6}, -1, 2, 3));
        request.addInput(fp32("A", 2 * 5 * 6, 2, 5, 6));

        validate(reshaped);

        assertThat(shapeOf("A")).isEqualTo(Shape.of(2, 5, 2, 3));
    }

    @Test
    void handsOnABatchOfScalars() {
        ModelConfig scalar = model("r", 8, reshaped("A", new long[] {1}));
        request.addInput(fp32("A", 3, 3, 1));

        validate(scalar);

        assertThat(shapeOf("A")).isEqualTo(Shape.of(3));
    }

    @Test
    void reshapesWithoutBatching() {
        ModelConfig reshaped = model("r", 0, reshaped("A", new long[] {4}, 2, 2));
        request.addInput(fp32("A", 4, 4));

        validate(reshaped);

        assertThat(shapeOf("A")).isEqualTo(Shape.of(2, 2));
    }

    @Test
    void complainsOfTheShapeAtTheApiNotOfTheModelsOne() {
        ModelConfig reshaped = model("r", 0, reshaped("A", new long[] {4}, 2, 2));
        request.addInput(fp32("A", 4, 2, 2));

        assertRefused(
                reshaped,
                NO_ID + "unexpected shape for input 'A' for model 'r'. Expected [4], got [2,2]. ");
    }

    // Section 11.

    @Test
    void refusesDimensionsBelowMinusOne() {
        request.addInput(fp32("X", 0, -2, 4));

        assertRefused(d, "tensor 'X' contains an invalid dimension [-2,4]");
    }

    @Test
    void showsTheBatchInShapesWithInvalidDimensions() {
        ModelConfig variable = model("v", 4, input("A", DataType.FP32, -1));
        request.addInput(fp32("A", 0, 2, -7));

        assertRefused(variable, "tensor 'A' contains an invalid dimension [2,-7]");
    }

    @Test
    void refusesByteSizesThatDoNotFit() {
        request.addInput(fp32("X", 0, 1L << 61, 4));
        assertRefused(d, "byte size for tensor 'X' exceeds maximum size of 9223372036854775807");
        request.close();

        request = new InferenceRequest("d", OptionalLong.empty());
        request.addInput(fp32("X", 0, 1L << 59, 4));
        assertRefused(d, "byte size for tensor 'X' exceeds maximum size of 9223372036854775807");
    }

    @Test
    void takesTheSizeOfAnElementIntoAccountLast() {
        ModelConfig variable = model("v", 0, input("A", DataType.FP64, -1, -1));
        request.addInput(
                new Tensor("A", DataType.FP64, Shape.of(1L << 61, 0), allocator.allocate(0)));

        validate(variable);
    }

    @Test
    void aLaterZeroDoesNotRescueAnOverflow() {
        ModelConfig variable = model("v", 0, input("A", DataType.FP32, -1, -1, -1));
        request.addInput(fp32("A", 0, 1L << 62, 2, 0));

        assertRefused(
                variable, "byte size for tensor 'A' exceeds maximum size of 9223372036854775807");
    }

    @Test
    void knowsTheSizeOfEveryType() {
        for (DataType type : DataType.values()) {
            if (!type.hasFixedSize()) {
                continue;
            }
            ModelConfig any = model("m", 0, input("A", type, 3));
            request.addInput(
                    new Tensor("A", type, Shape.of(3), allocator.allocate(3L * type.byteSize())));
            validate(any);
            request.close();

            request = new InferenceRequest("m", OptionalLong.empty());
            request.addInput(new Tensor("A", type, Shape.of(3), allocator.allocate(1)));
            assertRefused(
                    any,
                    NO_ID
                            + "input byte size mismatch for input 'A' for model 'm'. Expected "
                            + 3 * type.byteSize()
                            + ", got 1");
            request.close();
            request = new InferenceRequest("m", OptionalLong.empty());
        }
    }

    // Section 12.

    @Test
    void acceptsTextsOfAnyBytesAndLengths() {
        request.addInput(allocator.texts("S", Shape.of(3), "", "a\u0000b", "\u00e4"));

        validate(t);
    }

    @Test
    void acceptsNoTextsAtAll() {
        request.addInput(allocator.texts("S", Shape.of(0)));

        validate(t);
    }

    @Test
    void refusesACutOffLength() {
        bytes(2, 1, 0, 0, 0, 'a', 1, 0);

        assertRefused(
                t,
                NO_ID
                        + "incomplete string length indicator for inference input 'S' for model"
                        + " 't', expecting 4 bytes but only 2 bytes available. Please make sure the"
                        + " string length indicator is in one buffer.");
    }

    @Test
    void looksForTheLengthBeforeItCounts() {
        bytes(1, 1, 0, 0, 0, 'a', 9);

        assertRefused(
                t,
                NO_ID
                        + "incomplete string length indicator for inference input 'S' for model"
                        + " 't', expecting 4 bytes but only 1 bytes available. Please make sure the"
                        + " string length indicator is in one buffer.");
    }

    @Test
    void refusesALastTextThatIsCutOff() {
        bytes(2, 1, 0, 0, 0, 'a', 5, 0, 0, 0, 'b', 'c');

        assertRefused(
                t,
                "incomplete string data for inference input 'S', expecting string of length 5 but"
                        + " only 2 bytes available");
    }

    @Test
    void readsLengthsAsUnsignedNumbers() {
        bytes(1, 255, 255, 255, 255, 'b');

        assertRefused(
                t,
                "incomplete string data for inference input 'S', expecting string of length"
                        + " 4294967295 but only 1 bytes available");
    }

    @Test
    void countsTextsFirstIfOneBeforeTheLastIsCutOff() {
        bytes(2, 255, 255, 255, 255, 'a', 'b');

        assertRefused(
                t,
                NO_ID
                        + "expected 2 string elements for inference input 'S' for model 't', got"
                        + " 1");
    }

    @Test
    void refusesCountsOfTextsThatDoNotFit() {
        ModelConfig variable = model("v", 0, input("S", DataType.BYTES, -1, -1));
        request.addInput(allocator.texts("S", Shape.of(1L << 62, 2)));

        assertRefused(
                variable,
                "element count for tensor 'S' exceeds maximum size of 9223372036854775807");
    }

    @Test
    void refusesTextsWithDimensionsBelowMinusOne() {
        request.addInput(allocator.texts("S", Shape.of(-3)));

        assertRefused(t, "tensor 'S' contains an invalid dimension in shape [-3]");
    }

    @Test
    void refusesAnEmptyBatchOfTexts() {
        ModelConfig batched = model("b", 4, input("S", DataType.BYTES, 2));
        request.addInput(allocator.texts("S", Shape.of(0, 2)));

        assertRefused(
                batched,
                NO_ID
                        + "expected 2 string elements for inference input 'S' for model 'b', got"
                        + " 0");
    }

    private void validate(ModelConfig config) {
        config.validator().validate(request);
    }

    private void assertRefused(ModelConfig config, String text) {
        StatusException refusal =
                catchThrowableOfType(StatusException.class, () -> validate(config));

        assertThat(refusal).isNotNull();
        assertThat(refusal.text()).isEqualTo(text);
        assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(request.state()).isEqualTo(InferenceRequest.State.INITIALIZED);
    }

    private Shape shapeOf(String input) {
        return request.input(input).orElseThrow().shape();
    }

    private void int32(String name, int elements, long... shape) {
        request.addInput(
                new Tensor(
                        name, DataType.INT32, Shape.of(shape), allocator.allocate(4L * elements)));
    }

    private Tensor fp32(String name, int elements, long... shape) {
        return allocator.fp32(name, Shape.of(shape), new float[elements]);
    }

    /** The input S of the model {@code t} with these bytes. */
    private void bytes(long elements, int... content) {
        byte[] bytes = new byte[content.length];
        for (int i = 0; i < content.length; i++) {
            bytes[i] = (byte) content[i];
        }
        request.addInput(
                new Tensor("S", DataType.BYTES, Shape.of(elements), allocator.bytes(bytes)));
    }

    private static ModelConfig optional(int maxBatchSize) {
        return model(
                "o",
                maxBatchSize,
                input("A", DataType.FP32, 1),
                input("B", DataType.FP32, 1).toBuilder().setOptional(true).build());
    }

    private static ModelConfig model(String name, int maxBatchSize, ModelInput... inputs) {
        return ModelConfig.of(
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setBackend("identity")
                        .setVersionPolicy(ModelVersionPolicy.getDefaultInstance())
                        .setMaxBatchSize(maxBatchSize)
                        .addAllInput(List.of(inputs))
                        .addOutput(
                                ModelOutput.newBuilder()
                                        .setName("OUTPUT")
                                        .setDataType(ModelConfigProto.DataType.TYPE_FP32)
                                        .addDims(1))
                        .build());
    }

    private static ModelInput input(String name, DataType type, long... dims) {
        return ModelInput.newBuilder()
                .setName(name)
                .setDataType(type.configType())
                .addAllDims(LongStream.of(dims).boxed().toList())
                .build();
    }

    private static ModelInput reshaped(String name, long[] dims, long... reshape) {
        return input(name, DataType.FP32, dims).toBuilder()
                .setReshape(
                        ModelTensorReshape.newBuilder()
                                .addAllShape(LongStream.of(reshape).boxed().toList()))
                .build();
    }
}
