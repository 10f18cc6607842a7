package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code Cast} and {@code CastLike}: another element type by ConvertSat (DALI section 10). */
public final class CastOperator implements SampleOperator {
    private final ElementType type;
    private final boolean like;

    private CastOperator(ElementType type, boolean like) {
        this.type = type;
        this.like = like;
    }

    /** {@code Cast}: the type is an argument. */
    public static CastOperator cast(OperatorSpec spec) {
        spec.require("dtype");
        return new CastOperator(ElementType.ofId(spec.integer("dtype", -1)), false);
    }

    /** {@code CastLike}: the type is that of the second input. */
    public static CastOperator castLike(OperatorSpec spec) {
        return new CastOperator(ElementType.FLOAT, true);
    }

    @Override
    public List<Sample> run(Call call) {
        ElementType target = like ? call.inputs().get(1).type() : type;
        return List.of(call.input().convertedTo(target));
    }
}
