package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** An operator that needs to see one sample at a time only. */
@FunctionalInterface
public non-sealed interface SampleOperator extends Operator {
    /**
     * Computes the outputs of one sample.
     *
     * @throws DaliException if that sample cannot be computed
     */
    List<Sample> run(Call call);
}
