package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConfigCompletionTest {
    private static final ModelSignature BATCHABLE =
            new ModelSignature(
                    List.of(tensor("x", DataType.FP32, -1, 3), tensor("n", DataType.INT32, -1)),
                    List.of(tensor("y", DataType.FP32, -1, 2)));
    private static final ModelSignature FIXED =
            new ModelSignature(
                    List.of(tensor("x", DataType.FP32, 2, 3)), List.of(tensor("y", DataType.FP32)));

    @Test
    void fillsAnOnnxModelThatBatches() {
        assertThat(onnx(BATCHABLE, ""))
                .isEqualTo(
                        config(
                                """
                                max_batch_size: 4 dynamic_batching {}
                                input [ { name: "x" data_type: TYPE_FP32 dims: [ 3 ] },
                                  { name: "n" data_type: TYPE_INT32 dims: [ 1 ] reshape {} } ]
                                output [ { name: "y" data_type: TYPE_FP32 dims: [ 2 ] } ]
                                """));
    }

    @Test
    void fillsAnOnnxModelThatDoesNotBatch() {
        assertThat(onnx(FIXED, ""))
                .isEqualTo(
                        config(
                                """
                                input [ { name: "x" data_type: TYPE_FP32 dims: [ 2, 3 ] } ]
                                output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
                                """));
        assertThatThrownBy(() -> onnx(FIXED, "max_batch_size: 2"))
                .hasMessage(
                        "autofill failed for model 'm': model does not support batching while"
                                + " non-zero max_batch_size is specified");
    }

    @Test
    void leavesListsOfAnOnnxModelAsTheyAre() {
        String input = "max_batch_size: 1 input [ { name: 'x' data_type: TYPE_FP32 dims: [ 3 ] } ]";

        ModelConfig completed = onnx(BATCHABLE, input);

        assertThat(completed.getInputList()).isEqualTo(config(input).getInputList());
        assertThat(completed.getOutputCount()).isEqualTo(1);
        assertThat(completed.hasDynamicBatching()).isFalse();
    }

    @Test
    void keepsTheSchedulerThatIsChosen() {
        assertThat(onnx(BATCHABLE, "sequence_batching {}").hasSequenceBatching()).isTrue();
    }

    @Test
    void completesListedTensorsOfASavedModelAndAddsInputs() {
        ModelConfig completed =
                savedModel(
                        BATCHABLE, "max_batch_size: 8 input { name: 'n' dims: [ 1 ] reshape {} }");

        assertThat(completed)
                .isEqualTo(
                        config(
                                """
                                max_batch_size: 8 dynamic_batching {}
                                input [ { name: "n" data_type: TYPE_INT32 dims: [ 1 ] reshape {} },
                                  { name: "x" data_type: TYPE_FP32 dims: [ 3 ] } ]
                                output [ { name: "y" data_type: TYPE_FP32 dims: [ 2 ] } ]
                                """));
    }

    @Test
    void doesNotAddTheInputsThatControlsFill() {
        ModelConfig completed =
                savedModel(
                        BATCHABLE,
                        "max_batch_size: 8 sequence_batching { control_input { name: 'n' } }");

        assertThat(completed.getInputList()).singleElement().matches(x -> x.getName().equals("x"));
    }

    @Test
    void takesRanksForAHint() {
        String whole = "input { name: 'x' dims: [ -1, 3 ] } ";
        String item = "output { name: 'y' dims: [ 2 ] }";

        assertThat(savedModel(BATCHABLE, whole).getMaxBatchSize()).isZero();
        assertThat(savedModel(BATCHABLE, item).getMaxBatchSize()).isEqualTo(4);
        assertThatThrownBy(() -> savedModel(BATCHABLE, whole + item))
                .hasMessage(
                        "unable to autofill for 'm', model tensor configurations are contradicting"
                                + " each other in terms of whether batching is supported");
    }

    @Test
    void refusesASavedModelThatCannotBatch() {
        assertThatThrownBy(() -> savedModel(FIXED, "max_batch_size: 2"))
                .hasMessage(
                        "unable to autofill for 'm', configuration specified max-batch 2 but model"
                                + " signature does not support batching");
    }

    @Test
    void refusesAnUnknownRankWithoutDims() {
        ModelSignature unknown =
                new ModelSignature(
                        List.of(
                                new TensorDescription(
                                        "x", Optional.of(DataType.FP32), Optional.empty())),
                        List.of(
                                new TensorDescription(
                                        "y", Optional.of(DataType.FP32), Optional.empty())));

        assertThatThrownBy(() -> savedModel(unknown, ""))
                .hasMessage(
                        "Unable to autofill for 'm': the rank of model tensor 'x' is 0 and"
                                + " dimensions are not defined");
        assertThatThrownBy(() -> savedModel(unknown, "input { name: 'x' dims: [ 3 ] }"))
                .hasMessage(
                        "Unable to autofill for 'm': the rank of model tensor 'y' is 0 which is"
                                + " not supported");
    }

    @Test
    void refusesATensorWithoutAName() {
        assertThatThrownBy(() -> savedModel(BATCHABLE, "input { dims: [ 3 ] }"))
                .hasMessage("'name' is a required field for all inputs/outputs.");
    }

    @Test
    void asksOnlyEnginesThatTell() {
        ModelConfig empty = config("");
        ModelConfig complete = config("input { name: 'x' } output { name: 'y' }");

        assertThat(ConfigCompletion.isNeeded(empty, EngineProfile.ONNX_RUNTIME)).isTrue();
        assertThat(ConfigCompletion.isNeeded(complete, EngineProfile.ONNX_RUNTIME)).isFalse();
        assertThat(ConfigCompletion.isNeeded(complete, EngineProfile.TENSORFLOW)).isTrue();
        assertThat(ConfigCompletion.isNeeded(complete, EngineProfile.PYTORCH)).isFalse();
        assertThatThrownBy(() -> ConfigCompletion.isNeeded(empty, EngineProfile.PYTORCH))
                .hasMessage(
                        "unable to auto-complete model configuration for 'm', DJL's engine PyTorch"
                                + " does not tell a model's inputs and outputs; 'input' and"
                                + " 'output' must be written in the configuration");
    }

    @Test
    void readsTheDefaultBatchSize() {
        assertThat(ConfigCompletion.batchSize(Map.of())).isEqualTo(4);
        assertThat(ConfigCompletion.batchSize(Map.of("default-max-batch-size", "16")))
                .isEqualTo(16);
        assertThatThrownBy(
                        () -> ConfigCompletion.batchSize(Map.of("default-max-batch-size", "many")))
                .hasMessage(
                        "backend setting default-max-batch-size must be a number, found 'many'");
    }

    private static ModelConfig onnx(ModelSignature signature, String text) {
        return new ConfigCompletion(config(text), signature, 4).asOnnx();
    }

    private static ModelConfig savedModel(ModelSignature signature, String text) {
        return new ConfigCompletion(config(text), signature, 4).asSavedModel();
    }

    private static ModelConfig config(String text) {
        try {
            return TextFormat.parse("name: 'm' " + text, ModelConfig.class);
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("not a configuration: " + text, e);
        }
    }

    private static TensorDescription tensor(String name, DataType type, long... dims) {
        return new TensorDescription(name, Optional.of(type), Optional.of(Shape.of(dims)));
    }
}
