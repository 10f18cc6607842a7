package io.nereid.server.trace;

/** One thing that a trace holds (metrics section 11). */
public sealed interface TraceEntry {
    /** An event, at {@code nanos} of the monotonic clock. */
    record Stamp(String name, long nanos) implements TraceEntry {}

    /**
     * A tensor.
     *
     * @param activity what was done with it
     * @param data its elements as text, with commas between them
     * @param shape its dimensions, with commas between them
     * @param type the wire name of its elements' type
     */
    record TensorData(String activity, String name, String data, String shape, String type)
            implements TraceEntry {}
}
