package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Elements;
import java.util.Arrays;
import java.util.List;

/** Output size and source region of a resize (DALI sections 7.1 and 7.2). */
final class ResizeSize {
    private static final List<String> MODES =
            List.of("default", "stretch", "not_larger", "not_smaller");
    private static final double NARROWEST_REGION = 1e-3;

    /**
     * What one axis becomes.
     *
     * @param out extent of the result
     * @param lo begin of the source region
     * @param hi end of the source region
     */
    record Axis(int out, float lo, float hi) {}

    private final Numbers size;
    private final List<Scalar> separate;
    private final Scalar shorter;
    private final Scalar longer;
    private final Numbers roiStart;
    private final Numbers roiEnd;
    private final boolean roiRelative;
    private final double[] maxSize;
    private final boolean subpixelScale;
    private final String mode;

    ResizeSize(OperatorSpec spec) {
        size = spec.numbers("size");
        // in the order of the axes: z (depth), y, x
        separate =
                List.of(
                        spec.scalar("resize_z", 0),
                        spec.scalar("resize_y", 0),
                        spec.scalar("resize_x", 0));
        shorter = spec.scalar("resize_shorter", 0);
        longer = spec.scalar("resize_longer", 0);
        roiStart = spec.numbers("roi_start");
        roiEnd = spec.numbers("roi_end");
        roiRelative = spec.flag("roi_relative", false);
        maxSize = spec.floats("max_size");
        subpixelScale = spec.flag("subpixel_scale", true);
        mode = mode(spec);
    }

    private String mode(OperatorSpec spec) {
        boolean anySeparate = separate.stream().anyMatch(Scalar::given);
        int methods = 0;
        for (boolean given : List.of(size.given(), anySeparate, shorter.given(), longer.given())) {
            methods += given ? 1 : 0;
        }
        if (methods != 1) {
            throw new DaliException(
                    "Exactly one method of specifying size must be used. The available methods:"
                            + " separate resize_x, resize_y, resize_z; size; resize_shorter;"
                            + " resize_longer");
        }
        String given = spec.text("mode").orElse("default");
        if (!MODES.contains(given)) {
            throw new DaliException("Unknown resize mode: \"" + given + "\"");
        }
        if ((shorter.given() || longer.given()) && spec.has("mode")) {
            throw new DaliException(
                    "`mode` cannot be combined with `resize_shorter` or `resize_longer`");
        }
        if (roiStart.present() != roiEnd.present()) {
            throw new DaliException("`roi_start` and `roi_end` must be specified together");
        }
        return shorter.given() ? "not_smaller" : longer.given() ? "not_larger" : given;
    }

    /** Works out every spatial axis of one sample. */
    Axis[] axes(Call call, int[] extents) {
        int n = extents.length;
        float[] requested = requested(call, n);
        float[] lo = new float[n];
        float[] hi = new float[n];
        region(call, extents, lo, hi);
        float[] in = new float[n];
        double[] scale = new double[n];
        for (int d = 0; d < n; d++) {
            if (hi[d] < lo[d]) {
                float swap = lo[d];
                lo[d] = hi[d];
                hi[d] = swap;
                requested[d] = -requested[d];
            }
            in[d] = hi[d] - lo[d];
            scale[d] = in[d] == 0 ? 1 : requested[d] / in[d];
        }
        adjust(requested, in, scale);
        Axis[] axes = new Axis[n];
        for (int d = 0; d < n; d++) {
            axes[d] = axis(requested[d], lo[d], hi[d], extents[d] == 0);
        }
        return axes;
    }

    private float[] requested(Call call, int n) {
        float[] requested = new float[n];
        if (size.given()) {
            double[] values = size.values(call, n);
            for (int d = 0; d < n; d++) {
                requested[d] = (float) values[d];
            }
        } else if (shorter.given()) {
            Arrays.fill(requested, shorter.floatValue(call));
        } else if (longer.given()) {
            Arrays.fill(requested, longer.floatValue(call));
        } else {
            for (int d = 0; d < n; d++) {
                requested[d] = separate.get(separate.size() - n + d).floatValue(call);
            }
        }
        for (float value : requested) {
            if (!Float.isFinite(value) || Math.abs(value) > Integer.MAX_VALUE) {
                throw new DaliException("Requested size is not possible: " + value);
            }
        }
        return requested;
    }

    private void region(Call call, int[] extents, float[] lo, float[] hi) {
        int n = extents.length;
        for (int d = 0; d < n; d++) {
            hi[d] = extents[d];
        }
        if (!roiStart.given()) {
            return;
        }
        double[] from = roiStart.values(call, n);
        double[] to = roiEnd.values(call, n);
        for (int d = 0; d < n; d++) {
            double begin = roiRelative ? from[d] * extents[d] : from[d];
            double end = roiRelative ? to[d] * extents[d] : to[d];
            if (Math.abs(end - begin) < NARROWEST_REGION) {
                double half = begin <= end ? NARROWEST_REGION / 2 : -NARROWEST_REGION / 2;
                begin -= half;
                end += half;
            }
            lo[d] = (float) begin;
            hi[d] = (float) end;
        }
    }

    private void adjust(float[] requested, float[] in, double[] scale) {
        boolean[] given = new boolean[in.length];
        boolean any = false;
        for (int d = 0; d < in.length; d++) {
            given[d] = requested[d] != 0 && in[d] != 0;
            any |= given[d];
        }
        if (!any) {
            System.arraycopy(in, 0, requested, 0, in.length);
        } else if (mode.equals("default") || mode.equals("stretch")) {
            fillMissing(requested, in, scale, given);
            for (int d = 0; d < in.length && maxSize.length > 0; d++) {
                float max = maxSize(d, in.length);
                if (max > 0 && Math.abs(requested[d]) > max) {
                    requested[d] = Math.copySign(max, requested[d]);
                }
            }
        } else {
            keepAspect(requested, in, scale, given);
        }
    }

    private void fillMissing(float[] requested, float[] in, double[] scale, boolean[] given) {
        double product = 1;
        int count = 0;
        for (int d = 0; d < in.length; d++) {
            if (given[d]) {
                product *= Math.abs(scale[d]);
                count++;
            }
        }
        double mean = count > 1 ? Math.pow(product, 1.0 / count) : product;
        for (int d = 0; d < in.length; d++) {
            if (!given[d]) {
                requested[d] = mode.equals("default") ? (float) (in[d] * mean) : in[d];
            }
        }
    }

    private void keepAspect(float[] requested, float[] in, double[] scale, boolean[] given) {
        boolean largest = mode.equals("not_smaller");
        float chosen = largest ? 0 : Float.MAX_VALUE;
        for (int d = 0; d < in.length; d++) {
            if (given[d]) {
                float candidate = (float) Math.abs(scale[d]);
                chosen = largest ? Math.max(chosen, candidate) : Math.min(chosen, candidate);
            }
        }
        double common = chosen;
        for (int d = 0; d < in.length && maxSize.length > 0; d++) {
            float max = maxSize(d, in.length);
            if (max > 0 && in[d] > 0) {
                common = Math.min(common, (double) max / in[d]);
            }
        }
        for (int d = 0; d < in.length; d++) {
            if (!given[d] || Math.abs(scale[d]) != common) {
                requested[d] = (float) (in[d] * Math.copySign(common, scale[d]));
            }
        }
    }

    private float maxSize(int axis, int n) {
        if (maxSize.length != 1 && maxSize.length != n) {
            throw new DaliException("`max_size` must have one value or one per spatial axis");
        }
        return (float) maxSize[maxSize.length == 1 ? 0 : axis];
    }

    private Axis axis(float requested, float lo, float hi, boolean empty) {
        double extent = Math.abs((double) requested);
        double out = empty ? 0 : Math.max(1, Elements.roundAway(extent));
        if (out > Integer.MAX_VALUE) {
            throw new DaliException("Requested size is not possible: " + requested);
        }
        double begin = requested < 0 ? hi : lo;
        double end = requested < 0 ? lo : hi;
        if (subpixelScale && out != extent && extent != 0) {
            double factor = Math.clamp(out / extent, -10.0, 10.0);
            double center = 0.5 * begin + 0.5 * end;
            begin = center + (begin - center) * factor;
            end = center + (end - center) * factor;
        }
        return new Axis((int) out, (float) begin, (float) end);
    }
}
