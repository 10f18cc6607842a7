package io.nereid.backend.dali.operator;

/** Compiles an operator from the arguments that a file gives it. */
@FunctionalInterface
public interface OperatorFactory {
    /**
     * Resolves the constant arguments.
     *
     * @throws io.nereid.backend.dali.tensor.DaliException if an argument is missing or impossible
     */
    Operator compile(OperatorSpec spec);
}
