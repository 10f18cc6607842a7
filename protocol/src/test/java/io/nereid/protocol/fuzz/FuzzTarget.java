package io.nereid.protocol.fuzz;

/** Code that takes any bytes whatever. */
public interface FuzzTarget {
    /**
     * Feeds one input.
     *
     * @return whether the input was accepted
     * @throws AssertionError if something is not as it must be
     * @throws RuntimeException what must not come out either
     */
    boolean accept(byte[] input);
}
