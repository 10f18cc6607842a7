package io.nereid.benchmarks.models;

import java.util.List;
import java.util.Random;

/**
 * A network of MobileNetV2's shape: 53 convolutions, 3.5 million random weights, {@code [batch, 3,
 * 224, 224]} in, {@code [batch, 1000]} out. Real computing without a download.
 */
final class MobileNet {
    /** Expansion, channels, repetitions and first stride of each stage, as the paper has them. */
    private static final List<Stage> STAGES =
            List.of(
                    new Stage(1, 16, 1, 1),
                    new Stage(6, 24, 2, 2),
                    new Stage(6, 32, 3, 2),
                    new Stage(6, 64, 4, 2),
                    new Stage(6, 96, 3, 1),
                    new Stage(6, 160, 3, 2),
                    new Stage(6, 320, 1, 1));

    private static final int FEATURES = 1280;
    private static final int CLASSES = 1000;

    private final OnnxGraph graph = new OnnxGraph();
    private final Random random = new Random(53);
    private String current = "X";
    private int channels = 3;
    private int convolutions;

    private record Stage(int expansion, int channels, int count, int stride) {}

    private MobileNet() {}

    /** The model file. */
    static byte[] model() {
        return new MobileNet().build();
    }

    private byte[] build() {
        graph.input("X", 3, 224, 224).output("Y", CLASSES);
        convolve(32, 3, 2, 1);
        for (Stage stage : STAGES) {
            for (int i = 0; i < stage.count(); i++) {
                int hidden = channels * stage.expansion();
                if (stage.expansion() > 1) {
                    convolve(hidden, 1, 1, 1);
                }
                convolve(hidden, 3, i == 0 ? stage.stride() : 1, hidden);
                convolve(stage.channels(), 1, 1, 1);
            }
        }
        convolve(FEATURES, 1, 1, 1);
        // One more, in place of the classifier's matrix: 53 with it.
        graph.node("GlobalAveragePool", List.of(current), "pooled");
        current = "pooled";
        convolve(CLASSES, 1, 1, 1);
        return graph.node("Flatten", List.of(current), "Y").model();
    }

    private void convolve(int outputs, int kernel, int stride, int groups) {
        int inputs = channels / groups;
        String weights = "weights" + convolutions;
        String sum = "sum" + convolutions;
        String activation = "activation" + convolutions;
        // Scaled so that activations neither vanish nor explode on their way.
        double scale = Math.sqrt(2.0 / (inputs * kernel * kernel));
        graph.floats(
                        weights,
                        gaussians(outputs * inputs * kernel * kernel, scale),
                        outputs,
                        inputs,
                        kernel,
                        kernel)
                .node(
                        "Conv",
                        List.of(current, weights),
                        sum,
                        OnnxGraph.attribute("kernel_shape", twice(kernel)),
                        OnnxGraph.attribute("strides", twice(stride)),
                        OnnxGraph.attribute("pads", fourTimes(kernel / 2)),
                        OnnxGraph.attribute("group", groups))
                .node("Relu", List.of(sum), activation);
        current = activation;
        channels = outputs;
        convolutions++;
    }

    private float[] gaussians(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    private static List<Long> twice(long value) {
        return List.of(value, value);
    }

    private static List<Long> fourTimes(long value) {
        return List.of(value, value, value, value);
    }
}
