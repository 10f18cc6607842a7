package io.nereid.backend.dali.operator;

/**
 * One compiled operator of a pipeline, with its constant arguments resolved. Immutable; used by
 * several threads at a time.
 */
public sealed interface Operator permits SampleOperator, BatchOperator {}
