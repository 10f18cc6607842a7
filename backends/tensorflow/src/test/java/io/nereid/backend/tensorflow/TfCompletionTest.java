package io.nereid.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.backend.foreign.ModelTensor;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is filled in, and what is refused, for signatures of each kind. */
final class TfCompletionTest {
    private static final int DEFAULT_BATCH = 4;

    private static Map<String, TfPort> ports(ModelTensor... tensors) {
        Map<String, TfPort> ports = new LinkedHashMap<>();
        for (ModelTensor tensor : tensors) {
            ports.put(tensor.name(), new TfPort(tensor, MemorySegment.NULL, 0));
        }
        return ports;
    }

    private static ModelTensor fp32(String name, long... dims) {
        return new ModelTensor(name, DataType.FP32, Optional.of(Shape.of(dims)));
    }

    private static TfSignature batching() {
        return new TfSignature(
                ports(fp32("x", -1, 16), fp32("w", -1, 2)), ports(fp32("y", -1, 16)));
    }

    private static ModelConfigProto.ModelConfig parse(String text) throws Exception {
        ModelConfigProto.ModelConfig.Builder builder =
                ModelConfigProto.ModelConfig.newBuilder().setName("m");
        TextFormat.merge(text, builder);
        return builder.build();
    }

    private static void assertCompleted(String config, TfSignature signature, String expected)
            throws Exception {
        assertThat(TfCompletion.complete(parse(config), signature, DEFAULT_BATCH))
                .isEqualTo(parse(expected));
    }

    private static void assertRefused(
            String config, TfSignature signature, StatusCode code, String text) {
        assertThatThrownBy(() -> TfCompletion.complete(parse(config), signature, DEFAULT_BATCH))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(text);
    }

    @Test
    void addsTheInputThatIsNotListed() throws Exception {
        assertCompleted(
                "input { name: \"x\" dims: [ 16 ] }",
                batching(),
                """
                max_batch_size: 4
                input { name: "x" data_type: TYPE_FP32 dims: [ 16 ] }
                input { name: "w" data_type: TYPE_FP32 dims: [ 2 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 16 ] }
                dynamic_batching { }
                """);
    }

    @Test
    void doesNotBatchWhereTheListedDimsHoldTheBatch() throws Exception {
        assertCompleted(
                "input { name: \"x\" data_type: TYPE_FP32 dims: [ -1, 16 ] }",
                batching(),
                """
                input { name: "x" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                input { name: "w" data_type: TYPE_FP32 dims: [ -1, 2 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                """);
    }

    @Test
    void completesListedOutputsOnly() throws Exception {
        TfSignature two =
                new TfSignature(ports(fp32("x", -1, 2)), ports(fp32("y", -1, 2), fp32("z", -1, 3)));
        assertCompleted(
                "max_batch_size: 1 output { name: \"z\" }",
                two,
                """
                max_batch_size: 1
                input { name: "x" data_type: TYPE_FP32 dims: [ 2 ] }
                output { name: "z" data_type: TYPE_FP32 dims: [ 3 ] }
                """);
    }

    @Test
    void reshapesWhatHasNothingButTheBatchDimension() throws Exception {
        assertCompleted(
                "max_batch_size: 1",
                new TfSignature(ports(fp32("x", -1)), ports(fp32("y", -1))),
                """
                max_batch_size: 1
                input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] reshape { } }
                output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] reshape { } }
                """);
    }

    @Test
    void leavesOutWhatTheServerSuppliesItself() throws Exception {
        String controls =
                """
                max_batch_size: 1
                sequence_batching { control_input { name: "w" control {
                  kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } } }
                """;
        assertCompleted(
                controls,
                batching(),
                controls
                        + """
                        input { name: "x" data_type: TYPE_FP32 dims: [ 16 ] }
                        output { name: "y" data_type: TYPE_FP32 dims: [ 16 ] }
                        """);
    }

    @Test
    void refusesContradictions() {
        assertRefused(
                "max_batch_size: 8",
                new TfSignature(ports(fp32("x", 2, 16)), ports(fp32("y", 2, 16))),
                StatusCode.INTERNAL,
                "unable to autofill for 'm', configuration specified max-batch 8 but model"
                        + " signature does not support batching");
        assertRefused(
                "input { name: \"x\" dims: [ 16 ] } input { name: \"w\" dims: [ -1, 2 ] }",
                batching(),
                StatusCode.INTERNAL,
                "unable to autofill for 'm', model tensor configurations are contradicting each"
                        + " other in terms of whether batching is supported");
        assertRefused(
                "input { data_type: TYPE_FP32 }",
                batching(),
                StatusCode.INVALID_ARG,
                "'name' is a required field for all inputs/outputs.");
        assertRefused(
                "input { name: \"x\" optional: true }",
                batching(),
                StatusCode.INVALID_ARG,
                "'optional' is set to true for input 'x' while the backend model doesn't support"
                        + " optional input");
    }

    @Test
    void refusesTensorsWithoutARankThatNobodyGives() {
        ModelTensor unknown = new ModelTensor("u", DataType.FP32, Optional.empty());
        assertRefused(
                "",
                new TfSignature(ports(unknown), ports(fp32("y", -1))),
                StatusCode.INVALID_ARG,
                "Unable to autofill for 'm': the rank of model tensor 'u' is 0 and dimensions are"
                        + " not defined");
        assertRefused(
                "",
                new TfSignature(ports(fp32("x", -1)), ports(unknown)),
                StatusCode.INVALID_ARG,
                "Unable to autofill for 'm': the rank of model tensor 'u' is 0 which is not"
                        + " supported");
    }
}
