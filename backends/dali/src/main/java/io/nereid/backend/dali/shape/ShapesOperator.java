package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code Shapes}: the extents as a 1-D tensor (DALI section 10). */
public final class ShapesOperator implements SampleOperator {
    private final ElementType type;

    public ShapesOperator(OperatorSpec spec) {
        type = spec.type("dtype", "type").orElse(ElementType.INT64);
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        Sample result = Sample.zeros(type, "", input.rank());
        for (int d = 0; d < input.rank(); d++) {
            Elements.setSaturated(type, result.data(), d, (long) input.dim(d));
        }
        return List.of(result);
    }
}
