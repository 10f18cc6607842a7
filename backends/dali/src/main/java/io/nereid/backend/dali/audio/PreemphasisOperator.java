package io.nereid.backend.dali.audio;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code PreemphasisFilter}: each value less a part of the one before. */
public final class PreemphasisOperator implements SampleOperator {
    private final Scalar coefficient;
    private final String border;
    private final ElementType type;

    public PreemphasisOperator(OperatorSpec spec) {
        coefficient = spec.scalar("preemph_coeff", 0.97f);
        border = spec.text("border").orElse("clamp");
        type = spec.type("dtype").orElse(ElementType.FLOAT);
        if (!List.of("clamp", "zero", "reflect").contains(border)) {
            throw new DaliException("Unknown border mode: \"" + border + "\"");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        float[] x = input.toFloats();
        float factor = coefficient.floatValue(call);
        float[] y = new float[x.length];
        for (int t = 0; t < x.length; t++) {
            y[t] = x[t] - factor * (t > 0 ? x[t - 1] : before(x));
        }
        Sample result = Sample.zeros(type, input.layout(), input.dims());
        Elements.fromFloats(type, y, y.length, result.data(), 0);
        return List.of(result);
    }

    private float before(float[] x) {
        return switch (border) {
            case "zero" -> 0;
            case "reflect" -> x[Math.min(1, x.length - 1)];
            default -> x[0];
        };
    }
}
