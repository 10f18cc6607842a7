package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.shape.Window;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * {@code CropMirrorNormalize}: crops, normalizes, mirrors, exchanges axes and pads channels in one
 * walk over the result (DALI section 8.2).
 */
public final class CropMirrorNormalizeOperator implements SampleOperator {
    private static final Set<ElementType> OUTPUT_TYPES =
            Set.of(ElementType.FLOAT, ElementType.FLOAT16, ElementType.UINT8, ElementType.INT8);

    private final CropWindow crop;
    private final ElementType type;
    private final String outputLayout;
    private final boolean padOutput;
    private final Scalar mirror;
    private final ChannelNormalization normalization;

    public CropMirrorNormalizeOperator(OperatorSpec spec) {
        crop = new CropWindow(spec);
        type = spec.type("dtype", "output_dtype").orElse(ElementType.FLOAT);
        outputLayout = spec.text("output_layout").orElse("CHW");
        padOutput = spec.flag("pad_output", false);
        mirror = spec.scalar("mirror", 0);
        normalization = new ChannelNormalization(spec);
        if (!OUTPUT_TYPES.contains(type)) {
            throw new DaliException("Unsupported output type: " + type.label());
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, Layouts.CROP);
        String target = outputLayout.isEmpty() ? layout : outputLayout;
        int[] order = permutation(layout, target);
        Window window = crop.over(call, input, layout);
        int channelAxis = layout.indexOf('C');
        int[] dims = window.dims();
        ChannelNormalization.Rule rule = normalization.of(call, dims[channelAxis]);
        int channels = dims[channelAxis];
        if (padOutput && channels > 0) {
            dims[channelAxis] = Math.max(channels, Integer.highestOneBit(2 * channels - 1));
        }
        int[] outDims = new int[dims.length];
        for (int d = 0; d < dims.length; d++) {
            outDims[d] = dims[order[d]];
        }
        Sample result = Sample.zeros(type, target, outDims);
        if (window.filled() || dims[channelAxis] != channels) {
            fill(result, target.indexOf('C'));
        }
        int[] sourceStrides = Strided.packed(input.dims());
        int[] packed = Strided.packed(outDims);
        int[] strides = new int[dims.length];
        for (int d = 0; d < dims.length; d++) {
            strides[order[d]] = packed[d];
        }
        int start = 0;
        if (mirror.value(call) != 0) {
            int axis = layout.indexOf('W');
            start = Math.max(0, dims[axis] - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }
        new Walk(input, window, result, rule, channelAxis, sourceStrides, strides).run(start);
        return List.of(result);
    }

    private void fill(Sample result, int channelAxis) {
        double[] fill = crop.fill();
        if (Arrays.stream(fill).allMatch(value -> value == 0)) {
            return;
        }
        int[] dims = result.dims();
        int inner = Strided.volume(dims, channelAxis + 1, dims.length);
        int n = result.size();
        for (int i = 0; i < n; i++) {
            Window.setFill(result, i, fill, i / inner % dims[channelAxis]);
        }
    }

    private static int[] permutation(String layout, String target) {
        int[] order = new int[target.length()];
        boolean[] used = new boolean[layout.length()];
        boolean fits = target.length() == layout.length();
        for (int d = 0; d < order.length && fits; d++) {
            order[d] = layout.indexOf(target.charAt(d));
            fits = order[d] >= 0 && !used[order[d]];
            if (fits) {
                used[order[d]] = true;
            }
        }
        if (!fits) {
            throw new DaliException(
                    "The requested output layout is not a permutation of input layout.");
        }
        return order;
    }

    /** Walks over the window, all axes in the input's order. */
    private static final class Walk {
        private static final int BYTE_VALUES = 256;

        private final Sample input;
        private final Window window;
        private final Sample result;
        private final ChannelNormalization.Rule rule;
        private final int channelAxis;
        private final int[] dims;
        private final int[] sourceStrides;
        private final int[] targetStrides;
        private final float[][] tables;

        Walk(
                Sample input,
                Window window,
                Sample result,
                ChannelNormalization.Rule rule,
                int channelAxis,
                int[] sourceStrides,
                int[] targetStrides) {
            this.input = input;
            this.window = window;
            this.result = result;
            this.rule = rule;
            this.channelAxis = channelAxis;
            this.dims = window.dims();
            this.sourceStrides = sourceStrides;
            this.targetStrides = targetStrides;
            this.tables = input.type() == ElementType.UINT8 ? tables() : new float[0][];
        }

        /** For each channel the results of all 256 values of a byte. */
        private float[][] tables() {
            float[][] made = new float[dims[channelAxis]][BYTE_VALUES];
            for (int c = 0; c < made.length; c++) {
                for (int v = 0; v < BYTE_VALUES; v++) {
                    made[c][v] = rule.apply(v, c);
                }
            }
            return made;
        }

        void run(int targetStart) {
            axis(0, 0, targetStart, 0);
        }

        private void axis(int axis, int source, int target, int channel) {
            for (int i = 0, t = target; i < dims[axis]; i++, t += targetStrides[axis]) {
                int mapped = window.source(axis, i);
                if (mapped < 0) {
                    continue;
                }
                int s = source + mapped * sourceStrides[axis];
                int c = axis == channelAxis ? i : channel;
                if (axis < dims.length - 1) {
                    axis(axis + 1, s, t, c);
                } else {
                    put(s, t, c);
                }
            }
        }

        private void put(int source, int target, int channel) {
            float value =
                    tables.length > 0
                            ? tables[channel][input.data()[source] & 0xFF]
                            : rule.apply(
                                    (float) Elements.getDouble(input.type(), input.data(), source),
                                    channel);
            Elements.setSaturated(result.type(), result.data(), target, value);
        }
    }
}
