package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.operator.BatchOperator;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code Normalize}: subtracts a mean, divides by a standard deviation (DALI section 13). */
public final class NormalizeOperator implements BatchOperator {
    private final boolean batch;
    private final Scalar mean;
    private final Scalar deviation;
    private final double[] axes;
    private final Optional<String> axisNames;
    private final float shift;
    private final double scale;
    private final double epsilon;
    private final long ddof;
    private final ElementType type;

    public NormalizeOperator(OperatorSpec spec) {
        batch = spec.flag("batch", false);
        mean = spec.scalar("mean", 0);
        deviation = spec.scalar("stddev", 1);
        axes = spec.floats("axes");
        axisNames = spec.text("axis_names");
        shift = (float) spec.real("shift", 0);
        scale = (float) spec.real("scale", 1);
        epsilon = (float) spec.real("epsilon", 0);
        ddof = spec.integer("ddof", 0);
        type = spec.type("dtype").orElse(ElementType.FLOAT);
        if (axes.length > 0 && axisNames.isPresent()) {
            throw new DaliException("`axes` and `axis_names` are mutually exclusive");
        }
    }

    @Override
    public SampleOperator forBatch(List<Call> calls) {
        if (!batch || calls.isEmpty()) {
            return call -> List.of(normalized(call, List.of(call)));
        }
        return call -> List.of(normalized(call, calls));
    }

    /**
     * @param calls samples whose mean and deviation count
     */
    private Sample normalized(Call call, List<Call> calls) {
        Sample input = call.input();
        Sample means = mean.given() ? given(call, "mean", mean) : means(calls);
        Sample factors =
                deviation.given()
                        ? factors(given(call, "stddev", deviation).toDoubles(), call)
                        : factors(variances(calls, means), input);
        Broadcast broadcast = new Broadcast(List.of(input, means, factors));
        if (!Arrays.equals(broadcast.dims(), input.dims())) {
            throw new DaliException(
                    "Mean " + means + " and deviation " + factors + " do not fit " + input);
        }
        Sample result = Sample.zeros(type, input.layout(), input.dims());
        double[] x = new double[Broadcast.chunk()];
        double[] m = new double[Broadcast.chunk()];
        double[] f = new double[Broadcast.chunk()];
        broadcast.forEachRun((starts, steps, target, n) -> {
            Elements.toDoubles(input.type(), input.data(), starts[0], steps[0], n, x);
            Elements.toDoubles(means.type(), means.data(), starts[1], steps[1], n, m);
            Elements.toDoubles(factors.type(), factors.data(), starts[2], steps[2], n, f);
            for (int i = 0; i < n; i++) {
                x[i] = ((float) x[i] - (float) m[i]) * (float) f[i] + shift;
            }
            Elements.fromDoubles(type, x, n, result.data(), target);
        });
        return result;
    }

    private static Sample given(Call call, String name, Scalar scalar) {
        Sample input = call.arguments().get(name);
        if (input != null) {
            return input.convertedTo(ElementType.FLOAT);
        }
        return Sample.ofFloats(scalar.floatValue(call)).withDims("");
    }

    private Sample factors(double[] deviations, Call call) {
        Sample shape = given(call, "stddev", deviation);
        double[] variances = new double[deviations.length];
        for (int i = 0; i < variances.length; i++) {
            variances[i] = deviations[i] * deviations[i] + epsilon;
        }
        return inverses(variances, shape.dims());
    }

    private Sample factors(double[] variances, Sample input) {
        return inverses(variances, reduced(input).keptDims());
    }

    private Sample inverses(double[] variances, int[] dims) {
        float[] factors = new float[variances.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = variances[i] == 0 ? 0 : (float) (scale / Math.sqrt(variances[i]));
        }
        return Sample.ofFloats(factors).withDims("", dims);
    }

    private Sample means(List<Call> calls) {
        double[] sums = new double[0];
        long count = 0;
        for (Call call : calls) {
            ReducedAxes reduced = reduced(call.input());
            double[] own = reduced.accumulate(call.input(), (sum, x, cell) -> sum + (float) x);
            sums = added(sums, own);
            count += reduced.count();
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / count);
        }
        return Sample.ofFloats(means).withDims("", reduced(calls.getFirst().input()).keptDims());
    }

    private double[] variances(List<Call> calls, Sample means) {
        double[] sums = new double[0];
        long count = 0;
        for (Call call : calls) {
            ReducedAxes reduced = reduced(call.input());
            float[] centers = means.toFloats();
            int last = centers.length - 1;
            double[] own =
                    reduced.accumulate(
                            call.input(),
                            (sum, x, cell) -> {
                                double difference = (float) x - centers[Math.min(cell, last)];
                                return sum + difference * difference;
                            });
            sums = added(sums, own);
            count += reduced.count();
        }
        double divisor = (double) count - ddof;
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (divisor > 0 ? sums[i] / divisor : 0) + epsilon;
        }
        return sums;
    }

    private static double[] added(double[] sums, double[] more) {
        if (sums.length == 0) {
            return more;
        }
        if (sums.length != more.length) {
            throw new DaliException(
                    "Samples of a batch that is normalized as a whole must have the same extents"
                            + " but for the reduced axes");
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] += more[i];
        }
        return sums;
    }

    private ReducedAxes reduced(Sample input) {
        if (axisNames.isPresent()) {
            return new ReducedAxes(input, Layouts.axes(input.layout(), axisNames.get()));
        }
        return axes.length > 0
                ? new ReducedAxes(input, Layouts.axes(axes, input.rank()))
                : ReducedAxes.all(input);
    }
}
