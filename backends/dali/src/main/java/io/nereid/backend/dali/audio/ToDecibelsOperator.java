package io.nereid.backend.dali.audio;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;

/** {@code ToDecibels}: logarithm relative to a reference or to the sample's maximum. */
public final class ToDecibelsOperator implements SampleOperator {
    private final double multiplier;
    private final double reference;
    private final double smallestRatio;

    public ToDecibelsOperator(OperatorSpec spec) {
        multiplier = spec.real("multiplier", 10);
        reference = spec.real("reference", 0);
        smallestRatio = Math.pow(10, spec.real("cutoff_db", -200) / multiplier);
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        double[] x = input.toDoubles();
        double base = reference != 0 ? reference : Arrays.stream(x).max().orElse(1);
        double divisor = base == 0 ? 1 : base;
        for (int i = 0; i < x.length; i++) {
            x[i] = multiplier * Math.log10(Math.max(smallestRatio, x[i] / divisor));
        }
        Sample result = Sample.zeros(ElementType.FLOAT, input.layout(), input.dims());
        Elements.fromDoubles(ElementType.FLOAT, x, x.length, result.data(), 0);
        return List.of(result);
    }
}
