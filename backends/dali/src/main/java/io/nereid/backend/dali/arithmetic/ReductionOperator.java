package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code reductions.*}: sums, means and extremes over axes (DALI section 13). */
public final class ReductionOperator implements SampleOperator {
    /** What is computed. */
    public enum Kind {
        MIN,
        MAX,
        SUM,
        MEAN,
        MEAN_SQUARE,
        RMS,
        VARIANCE,
        STD_DEV
    }

    private final Kind kind;
    private final double[] axes;
    private final Optional<String> axisNames;
    private final boolean keepDims;
    private final long ddof;
    private final Optional<ElementType> type;

    public ReductionOperator(OperatorSpec spec, Kind kind) {
        this.kind = kind;
        this.axes = spec.floats("axes");
        this.axisNames = spec.text("axis_names");
        this.keepDims = spec.flag("keep_dims", false);
        this.ddof = spec.integer("ddof", 0);
        this.type = spec.type("dtype");
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        ReducedAxes reduced =
                axisNames.isPresent()
                        ? new ReducedAxes(input, Layouts.axes(input.layout(), axisNames.get()))
                        : axes.length > 0
                                ? new ReducedAxes(input, Layouts.axes(axes, input.rank()))
                                : ReducedAxes.all(input);
        int[] dims = keepDims ? reduced.keptDims() : reduced.droppedDims();
        String layout = keepDims ? input.layout() : reduced.droppedLayout(input.layout());
        Sample result = Sample.zeros(type.orElse(defaultType(input.type())), layout, dims);
        if (reduced.count() == 0 && kind != Kind.SUM) {
            throw new DaliException("Cannot reduce an empty tensor: " + input);
        }
        if (isExact(input.type())) {
            integers(input, reduced, result);
        } else {
            reals(call, reduced, result);
        }
        return List.of(result);
    }

    private boolean isExact(ElementType input) {
        return !input.isFloat() && (kind == Kind.MIN || kind == Kind.MAX || kind == Kind.SUM);
    }

    private ElementType defaultType(ElementType input) {
        return switch (kind) {
            case MIN, MAX -> input;
            case SUM ->
                    input.isFloat()
                            ? input
                            : input.isSigned() ? ElementType.INT64 : ElementType.UINT64;
            case MEAN, MEAN_SQUARE, RMS, VARIANCE, STD_DEV -> ElementType.FLOAT;
        };
    }

    private void integers(Sample input, ReducedAxes reduced, Sample result) {
        boolean unsigned = input.type() == ElementType.UINT64;
        long[] sums = new long[reduced.cells()];
        boolean[] seen = new boolean[sums.length];
        int[] cells = reduced.cellOfElements();
        for (int i = 0; i < cells.length; i++) {
            int cell = cells[i];
            long value = Elements.getLong(input.type(), input.data(), i);
            int order = IntegerFunctions.compare(value, sums[cell], unsigned);
            boolean better = kind == Kind.MIN ? order < 0 : order > 0;
            if (kind == Kind.SUM) {
                sums[cell] += value;
            } else if (!seen[cell] || better) {
                sums[cell] = value;
                seen[cell] = true;
            }
        }
        for (int cell = 0; cell < sums.length; cell++) {
            if (result.type() == ElementType.UINT64 || result.type() == input.type()) {
                Elements.setWrapped(result.type(), result.data(), cell, sums[cell]);
            } else {
                Elements.setSaturated(result.type(), result.data(), cell, sums[cell]);
            }
        }
    }

    private void reals(Call call, ReducedAxes reduced, Sample result) {
        Sample input = call.input();
        float[] means =
                kind == Kind.VARIANCE || kind == Kind.STD_DEV
                        ? call.inputs().get(1).toFloats()
                        : new float[0];
        if (means.length > 1 && means.length != reduced.cells()) {
            throw new DaliException(
                    "The mean " + call.inputs().get(1) + " does not fit the reduction of " + input);
        }
        double[] sums =
                kind == Kind.MIN || kind == Kind.MAX
                        ? extremes(input, reduced)
                        : reduced.accumulate(input, (sum, x, cell) -> step(sum, x, cell, means));
        for (int cell = 0; cell < sums.length; cell++) {
            Elements.setSaturated(
                    result.type(), result.data(), cell, finished(sums[cell], reduced.count()));
        }
    }

    private double step(double sum, double x, int cell, float[] means) {
        return switch (kind) {
            case MIN, MAX, SUM, MEAN -> sum + x;
            case MEAN_SQUARE, RMS -> sum + x * x;
            case VARIANCE, STD_DEV -> {
                double difference = x - means[means.length == 1 ? 0 : cell];
                yield sum + difference * difference;
            }
        };
    }

    private double[] extremes(Sample input, ReducedAxes reduced) {
        double[] found = new double[reduced.cells()];
        boolean smallest = kind == Kind.MIN;
        Arrays.fill(found, smallest ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY);
        int[] cells = reduced.cellOfElements();
        for (int i = 0; i < cells.length; i++) {
            double value = input.doubleAt(i);
            double old = found[cells[i]];
            found[cells[i]] = smallest ? Math.min(old, value) : Math.max(old, value);
        }
        return found;
    }

    private double finished(double sum, long count) {
        return switch (kind) {
            case MIN, MAX, SUM -> sum;
            case MEAN, MEAN_SQUARE -> sum / count;
            case RMS -> Math.sqrt(sum / count);
            case VARIANCE -> count > ddof ? sum / (count - ddof) : 0;
            case STD_DEV -> count > ddof ? Math.sqrt(sum / (count - ddof)) : 0;
        };
    }
}
