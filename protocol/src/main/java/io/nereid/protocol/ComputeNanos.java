package io.nereid.protocol;

/**
 * How long an execution took, in nanoseconds (metrics section 4).
 *
 * @param input gathering the inputs
 * @param infer computing, until the outputs are there
 * @param output making answers of the outputs
 */
public record ComputeNanos(long input, long infer, long output) {
    /** Nothing was executed. */
    public static final ComputeNanos NONE = new ComputeNanos(0, 0, 0);

    /** The sum, phase by phase. */
    public ComputeNanos plus(ComputeNanos other) {
        return new ComputeNanos(input + other.input, infer + other.infer, output + other.output);
    }
}
