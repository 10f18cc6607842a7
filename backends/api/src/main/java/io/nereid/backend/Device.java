package io.nereid.backend;

/**
 * Where an instance computes.
 *
 * @param kind processor
 * @param index number of the GPU; 0 for a CPU
 */
public record Device(Kind kind, int index) {
    /** The CPU. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    /** Kind of processor; MODEL leaves the choice to the engine. */
    public enum Kind {
        CPU,
        GPU,
        MODEL
    }
}
