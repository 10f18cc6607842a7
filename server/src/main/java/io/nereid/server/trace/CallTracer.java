package io.nereid.server.trace;

import io.nereid.backend.Model;
import java.util.Optional;
import java.util.function.Function;

/** Decides which calls are traced (metrics section 10). Never blocks. Any thread. */
public interface CallTracer {
    /** Traces nothing. */
    CallTracer NONE =
            new CallTracer() {
                @Override
                public long now() {
                    return 0;
                }

                @Override
                public CallTrace begin(
                        TracedProtocol protocol,
                        Model model,
                        Function<String, Optional<String>> headers) {
                    return CallTrace.NONE;
                }
            };

    /** The clock of traces, for what happens before it is known whether a call is traced. */
    long now();

    /**
     * The trace of a call to a model, which begins with this one.
     *
     * @param headers the first header of a name, in lower case
     */
    CallTrace begin(
            TracedProtocol protocol, Model model, Function<String, Optional<String>> headers);
}
