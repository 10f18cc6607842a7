package io.nereid.server.trace;

/** Where traces go that are complete. Called on: the thread of traces, one call at a time. */
public interface TraceSink extends AutoCloseable {
    /** Takes a trace. What goes wrong is logged. */
    void add(TracedCall call);

    /** A trace of that setting is not to come, because there was no room for it. */
    default void lost(TraceSetting setting) {}

    /** A setting was replaced: no more traces of it begin. */
    default void retire(TraceSetting setting) {}

    /** Writes what is left. */
    @Override
    void close();
}
