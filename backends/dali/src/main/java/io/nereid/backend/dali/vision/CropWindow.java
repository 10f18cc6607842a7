package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.shape.Boundary;
import io.nereid.backend.dali.shape.Window;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** The window that the arguments of crop operators describe (DALI section 8.1). */
final class CropWindow {
    private static final String AXES = "DHW";

    private final Numbers crop;
    private final List<Scalar> extents;
    private final List<Scalar> positions;
    private final boolean truncate;
    private final Boundary boundary;
    private final double[] fill;

    CropWindow(OperatorSpec spec) {
        crop = spec.numbers("crop");
        extents =
                List.of(
                        spec.scalar("crop_d", 0),
                        spec.scalar("crop_h", 0),
                        spec.scalar("crop_w", 0));
        positions =
                List.of(
                        spec.scalar("crop_pos_z", 0.5),
                        spec.scalar("crop_pos_y", 0.5),
                        spec.scalar("crop_pos_x", 0.5));
        truncate = truncates(spec.text("rounding").orElse("round"));
        boundary = Boundary.ofCrop(spec.text("out_of_bounds_policy").orElse("error"));
        fill = spec.floats("fill_values", 0);
        if (extents.get(1).given() != extents.get(2).given()) {
            throw new DaliException("`crop_w` and `crop_h` arguments must be provided together");
        }
        boolean separate = extents.stream().anyMatch(Scalar::given);
        if (crop.given() && separate) {
            throw new DaliException(
                    "`crop` argument is not compatible with `crop_h`, `crop_w`, `crop_d`");
        }
    }

    /** Values for what lies outside; zero unless the policy is to fill. */
    double[] fill() {
        return boundary == Boundary.CONSTANT ? fill.clone() : new double[] {0};
    }

    /** The window over one sample. */
    Window over(Call call, Sample input, String layout) {
        long[] anchor = new long[input.rank()];
        long[] size = new long[input.rank()];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = input.dim(axis);
        }
        double[] wanted = wanted(call);
        for (int i = 0; i < AXES.length(); i++) {
            int axis = layout.indexOf(AXES.charAt(i));
            long extent = (long) wanted[i];
            if (axis < 0 || extent <= 0) {
                continue;
            }
            size[axis] = extent;
            anchor[axis] = anchor(call, i, input.dim(axis) - extent);
        }
        return Window.of(input, anchor, size, boundary);
    }

    private double[] wanted(Call call) {
        double[] wanted = new double[AXES.length()];
        if (!crop.given()) {
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = extents.get(i).value(call);
            }
            return wanted;
        }
        double[] values = crop.values(call);
        if (values.length < 2 || values.length > 3) {
            throw new DaliException("`crop` argument must have 2 or 3 values");
        }
        System.arraycopy(values, 0, wanted, wanted.length - values.length, values.length);
        return wanted;
    }

    private long anchor(Call call, int index, long slack) {
        float position = positions.get(index).floatValue(call);
        if (!(position >= 0 && position <= 1)) {
            throw new DaliException(
                    "Anchor for dimension "
                            + index
                            + " ("
                            + position
                            + ") is out of range [0.0, 1.0]");
        }
        double anchor = (double) position * slack;
        return (long) (truncate ? anchor : Elements.roundAway(anchor));
    }

    private static boolean truncates(String rounding) {
        return switch (rounding) {
            case "round" -> false;
            case "truncate" -> true;
            default ->
                    throw new DaliException(
                            "`rounding` value "
                                    + rounding
                                    + " is not supported. Supported values"
                                    + " are \"round\", or \"truncate\".");
        };
    }
}
