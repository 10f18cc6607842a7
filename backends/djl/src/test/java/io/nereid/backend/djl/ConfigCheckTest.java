package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConfigCheckTest {
    private static final String OUTPUT =
            " output { name: 'y' data_type: TYPE_FP32 dims: [ 2 ] } max_batch_size: 4 ";
    private static final String INPUT = "input { name: 'x' data_type: TYPE_FP32 dims: [ 3 ] }";
    private static final ModelSignature MODEL = model(new long[] {-1, -1}, new long[] {-1, 2});

    @Test
    void letsAConfigurationNarrowAnInput() {
        assertThatCode(() -> check(INPUT + OUTPUT).requireMatches(MODEL))
                .doesNotThrowAnyException();
    }

    @Test
    void wantsOutputsAsTheModelHasThem() {
        assertThatThrownBy(() ->
                        check(INPUT + OUTPUT)
                                .requireMatches(model(new long[] {-1, 3}, new long[] {-1, -1})))
                .hasMessage(
                        "model 'm', tensor 'y': the model expects 2 dimensions (shape [-1,-1]) but"
                                + " the model configuration specifies 2 dimensions (an initial batch"
                                + " dimension because max_batch_size > 0 followed by the explicit"
                                + " tensor shape, making complete shape [-1,2])");
    }

    @Test
    void wantsABatchDimensionWhereTheConfigurationBatches() {
        assertThatThrownBy(() ->
                        check(INPUT + OUTPUT)
                                .requireMatches(model(new long[] {4, 3}, new long[] {-1, 2})))
                .hasMessage(
                        "model 'm', tensor 'x': for the model to support batching the shape should"
                                + " have at least 1 dimension and the first dimension must be -1;"
                                + " but shape expected by the model is [4,3]");
    }

    @Test
    void comparesWholeShapesWithoutBatching() {
        String text = (INPUT + OUTPUT).replace("max_batch_size: 4", "");
        assertThatThrownBy(
                        () -> check(text).requireMatches(model(new long[] {3, 1}, new long[] {2})))
                .hasMessage(
                        "model 'm', tensor 'x': the model expects 2 dimensions (shape [3,1]) but the"
                                + " model configuration specifies 1 dimensions (shape [3])");
    }

    @Test
    void countsControlsAsInputs() {
        String controls =
                "sequence_batching { control_input { name: 'start' control { kind:"
                        + " CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } } }";
        List<TensorDescription> two =
                List.of(TensorDescription.ofName("x"), TensorDescription.ofName("start"));

        assertThatCode(() -> check(INPUT + OUTPUT + controls).requireInputs(two))
                .doesNotThrowAnyException();
        assertThatThrownBy(() ->
                        check(INPUT + OUTPUT + controls)
                                .requireInputs(List.of(TensorDescription.ofName("x"))))
                .hasMessage(
                        "configuration specified sequence control 'start', but model does not"
                                + " provide that input");
        assertThatThrownBy(() -> check(INPUT + OUTPUT).requireInputs(two))
                .hasMessage(
                        "unable to load model 'm', configuration expects 1 inputs, model provides"
                                + " 2");
    }

    @Test
    void believesAnEngineThatTellsNothing() {
        assertThatCode(() -> check(INPUT + OUTPUT).requireInputs(List.of()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesOptionalInputs() {
        String optional = INPUT.replace("dims", "optional: true dims");
        assertThatThrownBy(
                        () -> check(optional + OUTPUT).requireCarried(EngineProfile.ONNX_RUNTIME))
                .hasMessage(
                        "'optional' is set to true for input 'x' while the backend model doesn't"
                                + " support optional input");
    }

    @Test
    void refusesOutputsOfATypeThatIsNotCarried() {
        String text = INPUT + OUTPUT.replace("FP32", "UINT32");
        assertThatThrownBy(() -> check(text).requireCarried(EngineProfile.TENSORFLOW))
                .hasMessageStartingWith(
                        "unable to load model 'm', DJL's engine TensorFlow cannot carry datatype"
                                + " TYPE_UINT32 of output 'y' unchanged");
    }

    private static ModelSignature model(long[] input, long[] output) {
        return new ModelSignature(
                List.of(
                        new TensorDescription(
                                "x", Optional.of(DataType.FP32), Optional.of(Shape.of(input)))),
                List.of(
                        new TensorDescription(
                                "y", Optional.of(DataType.FP32), Optional.of(Shape.of(output)))));
    }

    private static ConfigCheck check(String text) {
        try {
            return new ConfigCheck(
                    ModelConfig.of(
                            TextFormat.parse(
                                    "name: 'm' backend: 'djl' version_policy {} " + text,
                                    ModelConfigProto.ModelConfig.class)));
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("not a configuration: " + text, e);
        }
    }
}
