package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Optional;

/** {@code Slice}: a window by coordinates (DALI section 9.1). */
public final class SliceOperator implements SampleOperator {
    private static final String DEFAULT_AXES = "WH";

    private final Numbers start;
    private final Numbers relativeStart;
    private final Numbers end;
    private final Numbers relativeEnd;
    private final Numbers shape;
    private final Numbers relativeShape;
    private final Numbers axes;
    private final Optional<String> axisNames;
    private final boolean normalizedAnchor;
    private final boolean normalizedShape;
    private final Boundary boundary;
    private final double[] fill;
    private final Optional<ElementType> type;
    private final boolean positional;

    public SliceOperator(OperatorSpec spec) {
        start = spec.numbers("start");
        relativeStart = spec.numbers("rel_start");
        end = spec.numbers("end");
        relativeEnd = spec.numbers("rel_end");
        shape = spec.numbers("shape");
        relativeShape = spec.numbers("rel_shape");
        axes = spec.numbers("axes");
        axisNames = spec.text("axis_names");
        normalizedAnchor = spec.flag("normalized_anchor", true);
        normalizedShape = spec.flag("normalized_shape", true);
        boundary = Boundary.of(spec.text("out_of_bounds_policy").orElse("error"));
        fill = spec.floats("fill_values", 0);
        type = spec.type("dtype", "output_dtype");
        positional = spec.inputCount() == 3;
        checkArguments(spec.inputCount());
    }

    private void checkArguments(int inputs) {
        List<Numbers> ends = List.of(end, relativeEnd, shape, relativeShape);
        boolean named =
                start.present()
                        || relativeStart.present()
                        || ends.stream().anyMatch(Numbers::present);
        if (named == positional || inputs == 2) {
            throw new DaliException(
                    "Expected named slice arguments (e.g. start/end, start/shape) or positional"
                            + " inputs (start, shape). Got "
                            + inputs
                            + " inputs.");
        }
        if (start.present() && relativeStart.present()) {
            throw new DaliException("\"start\" and \"rel_start\" arguments are mutually exclusive");
        }
        if (ends.stream().filter(Numbers::present).count() > 1) {
            throw new DaliException(
                    "\"end\", \"rel_end\", \"shape\", and \"rel_shape\" arguments are mutually"
                            + " exclusive");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = layout(input);
        return List.of(
                window(call, input, layout)
                        .cut(type.orElse(input.type()), layout, fill, layout.indexOf('C')));
    }

    private Window window(Call call, Sample input, String layout) {
        int[] chosen = chosenAxes(call, input, layout);
        long[] anchor = new long[input.rank()];
        long[] size = new long[input.rank()];
        for (int d = 0; d < size.length; d++) {
            size[d] = input.dim(d);
        }
        double[][] bounds =
                positional
                        ? positionalBounds(call, input, chosen)
                        : namedBounds(call, input, chosen);
        for (int i = 0; i < chosen.length; i++) {
            double from = bounds[0][i];
            double to = bounds[1][i];
            if (to < from) {
                throw new DaliException(
                        "end coordinates can't be before start coordinates. Got: start="
                                + text(from)
                                + " end="
                                + text(to));
            }
            anchor[chosen[i]] = rounded(from);
            size[chosen[i]] = rounded(to) - anchor[chosen[i]];
        }
        return Window.of(input, anchor, size, boundary);
    }

    private double[][] positionalBounds(Call call, Sample input, int[] chosen) {
        Sample anchors = call.inputs().get(1);
        Sample shapes = call.inputs().get(2);
        if (anchors.type() != shapes.type()) {
            throw new DaliException(
                    "Anchor and shape should have the same type. Got: "
                            + anchors.type().label()
                            + " and "
                            + shapes.type().label());
        }
        boolean relativeFrom = anchors.type().isFloat() && normalizedAnchor;
        boolean relativeSize = shapes.type().isFloat() && normalizedShape;
        if (anchors.size() != chosen.length || shapes.size() != chosen.length) {
            throw new DaliException(
                    "Expected "
                            + chosen.length
                            + " values for anchor and shape. Got: "
                            + anchors.size()
                            + " and "
                            + shapes.size());
        }
        double[] from = anchors.toDoubles();
        double[] to = shapes.toDoubles();
        for (int i = 0; i < chosen.length; i++) {
            double extent = input.dim(chosen[i]);
            double begin = relativeFrom ? from[i] * extent : from[i];
            if (relativeFrom && relativeSize) {
                to[i] = (from[i] + to[i]) * extent;
            } else {
                to[i] = begin + (relativeSize ? to[i] * extent : to[i]);
            }
            from[i] = begin;
        }
        return new double[][] {from, to};
    }

    private double[][] namedBounds(Call call, Sample input, int[] chosen) {
        int n = chosen.length;
        double[] from = new double[n];
        double[] to = new double[n];
        for (int i = 0; i < n; i++) {
            double extent = input.dim(chosen[i]);
            double relative = relativeStart.present() ? relativeStart.values(call, n)[i] : 0;
            from[i] = start.present() ? start.values(call, n)[i] : relative * extent;
            if (end.present()) {
                to[i] = end.values(call, n)[i];
            } else if (relativeEnd.present()) {
                to[i] = relativeEnd.values(call, n)[i] * extent;
            } else if (shape.present()) {
                to[i] = from[i] + shape.values(call, n)[i];
            } else if (relativeShape.present()) {
                double size = relativeShape.values(call, n)[i];
                to[i] =
                        relativeStart.present()
                                ? (relative + size) * extent
                                : from[i] + size * extent;
            } else {
                to[i] = extent;
            }
        }
        return new double[][] {from, to};
    }

    private int[] chosenAxes(Call call, Sample input, String layout) {
        if (axisNames.isPresent()) {
            return Layouts.axes(layout, axisNames.get());
        }
        return axes.given()
                ? Layouts.axes(axes.values(call), input.rank())
                : Layouts.axes(layout, DEFAULT_AXES);
    }

    private static String layout(Sample input) {
        if (!input.layout().isEmpty()) {
            return input.layout();
        }
        return switch (input.rank()) {
            case 2 -> "HW";
            case 3 -> "HWC";
            case 4 -> "DHWC";
            default -> "";
        };
    }

    private static long rounded(double value) {
        if (!(Math.abs(value) <= Integer.MAX_VALUE)) {
            throw new DaliException("Slice coordinate is not possible: " + value);
        }
        return (long) Elements.roundAway(value);
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
