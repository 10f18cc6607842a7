package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Optional;

/** Samples a picture through an affine map; what all warping operators share (section 13). */
final class Warp {
    private final Scalar fill;
    private final boolean nearest;
    private final Optional<ElementType> type;

    Warp(OperatorSpec spec) {
        fill = spec.scalar("fill_value", 0);
        type = spec.type("dtype", "output_dtype");
        long interpolation = spec.integer("interp_type", -1);
        Filter filter = interpolation < 0 ? Filter.LINEAR : Filter.ofId(interpolation);
        nearest = filter == Filter.NEAREST;
        if (!nearest && filter != Filter.LINEAR) {
            throw new DaliException(
                    "Unsupported interpolation type: warping knows nearest neighbour and linear");
        }
    }

    /**
     * The warped pictures.
     *
     * @param layout {@code HWC} or {@code FHWC}
     */
    Sample run(Call call, Sample input, String layout, int outH, int outW, AffineMap map) {
        int axis = layout.indexOf('H');
        int frames = axis == 0 ? 1 : input.dim(0);
        int[] dims = input.dims();
        dims[axis] = outH;
        dims[axis + 1] = outW;
        ElementType outType = type.orElse(input.type());
        if (outType != input.type() && outType != ElementType.FLOAT) {
            throw new DaliException(
                    "Output type must be the input's type or float, got " + outType.label());
        }
        Sample result = Sample.zeros(outType, layout, dims);
        Picture picture =
                new Picture(
                        input,
                        input.dim(axis),
                        input.dim(axis + 1),
                        input.dim(axis + 2),
                        fill.given()
                                ? Optional.of(converted(call, input.type()))
                                : Optional.empty());
        if (picture.isEmpty()) {
            return result;
        }
        for (int frame = 0; frame < frames; frame++) {
            frame(picture, frame, result, outH, outW, map);
        }
        return result;
    }

    private float converted(Call call, ElementType inputType) {
        Sample one = Sample.zeros(inputType, "", 1);
        Elements.setSaturated(inputType, one.data(), 0, fill.floatValue(call));
        return (float) one.doubleAt(0);
    }

    private void frame(
            Picture picture, int frame, Sample result, int outH, int outW, AffineMap map) {
        int channels = picture.channels;
        float[] row = new float[outW * channels];
        for (int y = 0; y < outH; y++) {
            for (int x = 0; x < outW; x++) {
                float px = x + 0.5f;
                float py = y + 0.5f;
                float sx = map.x(px, py);
                float sy = map.y(px, py);
                if (nearest) {
                    picture.nearest(frame, sx, sy, row, x * channels);
                } else {
                    picture.linear(frame, sx - 0.5f, sy - 0.5f, row, x * channels);
                }
            }
            int start = (frame * outH + y) * row.length;
            Elements.fromFloats(result.type(), row, row.length, result.data(), start);
        }
    }

    /** The source, with what lies around it. */
    private static final class Picture {
        private final float[] values;
        private final int height;
        private final int width;
        private final int channels;
        private final Optional<Float> outside;

        Picture(Sample input, int height, int width, int channels, Optional<Float> outside) {
            this.values = input.toFloats();
            this.height = height;
            this.width = width;
            this.channels = channels;
            this.outside = outside;
        }

        boolean isEmpty() {
            return values.length == 0;
        }

        void nearest(int frame, float x, float y, float[] out, int position) {
            for (int c = 0; c < channels; c++) {
                out[position + c] = tap(frame, floor(x), floor(y), c);
            }
        }

        void linear(int frame, float x, float y, float[] out, int position) {
            int left = floor(x);
            int top = floor(y);
            float right = x - left;
            float down = y - top;
            for (int c = 0; c < channels; c++) {
                float upper =
                        tap(frame, left, top, c) * (1 - right)
                                + tap(frame, left + 1, top, c) * right;
                float lower =
                        tap(frame, left, top + 1, c) * (1 - right)
                                + tap(frame, left + 1, top + 1, c) * right;
                out[position + c] = upper + (lower - upper) * down;
            }
        }

        private float tap(int frame, int x, int y, int channel) {
            boolean inside = x >= 0 && x < width && y >= 0 && y < height;
            if (!inside && outside.isPresent()) {
                return outside.get();
            }
            int row = Math.clamp(y, 0, height - 1);
            int column = Math.clamp(x, 0, width - 1);
            return values[((frame * height + row) * width + column) * channels + channel];
        }

        /** Far away points stay far away, without overflow of the next pixel's number. */
        private static int floor(float value) {
            return (int) Math.clamp(Math.floor(value), -1e9, 1e9);
        }
    }
}
