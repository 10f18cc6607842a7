package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code _SubscriptDimCheck}: passes tensors on that have enough dimensions. */
public final class DimCheckOperator implements SampleOperator {
    private final long subscripts;

    public DimCheckOperator(OperatorSpec spec) {
        spec.require("num_subscripts");
        subscripts = spec.integer("num_subscripts", 0);
    }

    @Override
    public List<Sample> run(Call call) {
        if (call.input().rank() < subscripts) {
            throw new DaliException(
                    "Too many indices ("
                            + subscripts
                            + ") for a "
                            + call.input().rank()
                            + "-D tensor.");
        }
        return call.inputs();
    }
}
