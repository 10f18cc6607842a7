package io.nereid.server.trace;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of tracing that can be read and changed while the server runs (http section 8, metrics
 * section 10). Never blocks. Called on: any thread.
 */
public interface TraceControl {
    /** The protocols name one wrong value differently. */
    enum Protocol {
        /** Writes {@code got:-2}. */
        HTTP,
        /** Writes {@code got: -2}. */
        GRPC
    }

    /**
     * The settings in effect in the order of the specification, with the values as text; {@code
     * trace_level} may have several, the others have one.
     *
     * @param model a model; empty for the global settings
     */
    Map<String, List<String>> settings(Optional<String> model);

    /**
     * Changes settings, all or none. Unknown names are ignored.
     *
     * @param model a model that exists; empty for the global settings
     * @param changes values by name; no value clears the setting
     * @throws io.nereid.protocol.StatusException INVALID_ARG or UNSUPPORTED with the texts of http
     *     section 8 and grpc section 6
     */
    void update(Optional<String> model, Map<String, List<String>> changes, Protocol protocol);
}
