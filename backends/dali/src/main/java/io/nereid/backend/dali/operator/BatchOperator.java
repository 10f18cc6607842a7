package io.nereid.backend.dali.operator;

import java.util.List;

/** An operator whose result for one sample depends on the other samples of the executed batch. */
@FunctionalInterface
public non-sealed interface BatchOperator extends Operator {
    /** Looks at all samples that are left and returns what computes each of them. */
    SampleOperator forBatch(List<Call> calls);
}
