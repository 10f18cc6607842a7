package io.nereid.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.TestConfigs;
import io.nereid.backend.foreign.ModelTensor;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each difference between configuration and graph, and the text that it is refused with. */
final class ConfigChecksTest {
    private static final String ENGINE =
            "name: \"m\" platform: \"onnxruntime_onnx\" backend: \"onnxruntime\""
                    + " version_policy { latest { num_versions: 1 } } ";
    private static final String X = "input { name: \"x\" data_type: TYPE_FP32 dims: [ 3 ] } ";
    private static final String Y = "output { name: \"y\" data_type: TYPE_FP32 dims: [ 3 ] } ";

    private static ModelTensor fp32(String name, long... dims) {
        return new ModelTensor(name, DataType.FP32, Optional.of(Shape.of(dims)));
    }

    private static OrtSignature graph(ModelTensor... inputs) {
        return OrtSignature.of(List.of(inputs), List.of(), List.of(fp32("y", -1, 3)));
    }

    private static void check(String config, OrtSignature graph) {
        ConfigChecks.check(TestConfigs.parse(ENGINE + config), graph);
    }

    private static void assertRefused(String config, OrtSignature graph, String text) {
        assertThatThrownBy(() -> check(config, graph))
                .isInstanceOf(StatusException.class)
                .hasMessage(text);
    }

    @Test
    void acceptsWhatFits() {
        assertThatCode(() -> check("max_batch_size: 8 " + X + Y, graph(fp32("x", -1, 3))))
                .doesNotThrowAnyException();
    }

    @Test
    void letsAnInputBeNarrowedButNotAnOutput() {
        assertThatCode(() -> check("max_batch_size: 8 " + X + Y, graph(fp32("x", -1, -1))))
                .doesNotThrowAnyException();
        OrtSignature wide =
                OrtSignature.of(List.of(fp32("x", -1, 3)), List.of(), List.of(fp32("y", -1, -1)));
        assertRefused(
                "max_batch_size: 8 " + X + Y,
                wide,
                "model 'm', tensor 'y': the model expects 2 dimensions (shape [-1,-1]) but the"
                        + " model configuration specifies 2 dimensions (an initial batch dimension"
                        + " because max_batch_size > 0 followed by the explicit tensor shape, making"
                        + " complete shape [-1,3])");
    }

    @Test
    void countsInputsBeforeItLooksAtNames() {
        assertRefused(
                X.replace("\"x\"", "\"z\"") + Y,
                graph(fp32("x", -1, 3), fp32("w", -1, 3)),
                "unable to load model 'm', configuration expects 1 inputs, model provides 2");
    }

    @Test
    void listsTheAllowedNames() {
        assertRefused(
                "max_batch_size: 8 " + X.replace("\"x\"", "\"xx\"") + Y,
                graph(fp32("x", -1, 3)),
                "unexpected inference input 'xx', allowed inputs are: x");
        assertRefused(
                "max_batch_size: 8 " + X + Y.replace("\"y\"", "\"yy\""),
                graph(fp32("x", -1, 3)),
                "unexpected inference output 'yy', allowed outputs are: y");
    }

    @Test
    void comparesElementTypes() {
        assertRefused(
                "max_batch_size: 8 " + X.replace("FP32", "INT32") + Y,
                graph(fp32("x", -1, 3)),
                "unable to load model 'm', configuration expects datatype TYPE_INT32 for input"
                        + " 'x', model provides TYPE_FP32");
    }

    @Test
    void wantsAVariableFirstExtentToBatch() {
        assertRefused(
                "max_batch_size: 8 " + X + Y,
                graph(fp32("x", 2, 3)),
                "model 'm', tensor 'x': for the model to support batching the shape should have at"
                        + " least 1 dimension and the first dimension must be -1; but shape expected"
                        + " by the model is [2,3]");
    }

    @Test
    void comparesWholeShapesWithoutBatching() {
        assertRefused(
                X + Y,
                graph(fp32("x", -1, 3)),
                "model 'm', tensor 'x': the model expects 2 dimensions (shape [-1,3]) but the model"
                        + " configuration specifies 1 dimensions (shape [3])");
    }

    @Test
    void wantsOnesForAScalar() {
        assertRefused(
                X + Y,
                graph(fp32("x")),
                "unable to load model 'm', scalar tensor 'x', should only provide 1 in the model"
                        + " configuration when the model doesn't support batching. Model configuration"
                        + " provided: [3].");
    }

    @Test
    void wantsOneDimensionForARaggedInput() {
        String ragged =
                "max_batch_size: 8 input { name: \"x\" data_type: TYPE_FP32 dims: [ -1 ]"
                        + " allow_ragged_batch: true } "
                        + Y;
        assertThatCode(() -> check(ragged, graph(fp32("x", -1)))).doesNotThrowAnyException();
        assertRefused(
                ragged,
                graph(fp32("x", -1, -1)),
                "unable to load model 'm', configuration expects model provides input with shape"
                        + " [-1]  for ragged input 'x', model provides [-1,-1]");
    }

    @Test
    void takesOptionalInputsFromDefaultsAndOnlyWithoutBatching() {
        String optional = "input { name: \"d\" data_type: TYPE_FP32 dims: [ 3 ] optional: true } ";
        OrtSignature graph =
                OrtSignature.of(
                        List.of(fp32("x", -1, 3)),
                        List.of(fp32("d", 3)),
                        List.of(fp32("y", -1, 3)));
        String whole = X.replace("[ 3 ]", "[ -1, 3 ]") + Y.replace("[ 3 ]", "[ -1, 3 ]");
        assertThatCode(() -> check(whole + optional, graph)).doesNotThrowAnyException();
        assertRefused(
                "max_batch_size: 8 " + X + Y + optional,
                graph,
                "unable to load model 'm', optional input 'd' is not supported for models that"
                        + " support batching");
    }

    @Test
    void comparesSequenceControls() {
        String controls =
                "max_batch_size: 8 "
                        + X
                        + Y
                        + "sequence_batching { control_input { name: \"START\" control { kind:"
                        + " CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } } }";
        ModelTensor start = new ModelTensor("START", DataType.INT32, Optional.of(Shape.of(-1, 1)));
        assertThatCode(() -> check(controls, graph(fp32("x", -1, 3), start)))
                .doesNotThrowAnyException();
        assertRefused(
                controls,
                graph(fp32("x", -1, 3)),
                "configuration specified sequence control 'START', but model does not provide that"
                        + " input");
        assertRefused(
                controls,
                graph(fp32("x", -1, 3), fp32("START", -1, 1)),
                "unable to load model 'm', sequence control 'START', the model expects data-type"
                        + " FLOAT but the model configuration specifies data-type TYPE_INT32");
        assertRefused(
                controls,
                graph(fp32("x", -1, 3), fp32("START", -1, 2)),
                "unable to load model 'm', sequence control 'START' in model has dims [2] but dims"
                        + " [1] is expected");
    }

    @Test
    void comparesStatesOfSequences() {
        String state =
                "max_batch_size: 8 "
                        + X
                        + Y
                        + "sequence_batching { state { input_name: \"before\" output_name: \"after\""
                        + " data_type: TYPE_FP32 dims: [ 4 ] } }";
        List<ModelTensor> inputs = List.of(fp32("x", -1, 3), fp32("before", -1, 4));
        ModelTensor y = fp32("y", -1, 3);
        assertThatCode(() ->
                        check(
                                state,
                                OrtSignature.of(
                                        inputs, List.of(), List.of(y, fp32("after", -1, 4)))))
                .doesNotThrowAnyException();
        assertRefused(
                state,
                OrtSignature.of(inputs, List.of(), List.of(y)),
                "unable to load model 'm', configuration specified sequence state 'after', but"
                        + " model does not provide that output");
        ModelTensor counts = new ModelTensor("after", DataType.INT64, Optional.empty());
        assertRefused(
                state,
                OrtSignature.of(inputs, List.of(), List.of(y, counts)),
                "unable to load model 'm', configuration expects datatype TYPE_FP32 for sequence"
                        + " state 'after', model provides TYPE_INT64");
    }
}
