package io.nereid.server.access;

import io.nereid.backend.Model;
import io.nereid.protocol.RequestTrace;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the access log learns of one call. Used by one thread at a time; {@link #end} comes once,
 * and what is told later is lost.
 */
public interface AccessRecord {
    /** Of a call that nothing is written of. */
    AccessRecord NONE =
            new AccessRecord() {
                @Override
                public RequestTrace asks(
                        Model model, String traceId, Function<String, Optional<String>> headers) {
                    return RequestTrace.NONE;
                }

                @Override
                public void named(String requestId) {}

                @Override
                public void bytes(long received, long sent) {}

                @Override
                public void end(String status) {}
            };

    /**
     * The call asks a model; the result is to be told of the request.
     *
     * @param traceId of the call's trace; empty if it is not traced, then a trace that the client
     *     names in its headers counts
     * @param headers the first header of a name, in lower case
     */
    RequestTrace asks(Model model, String traceId, Function<String, Optional<String>> headers);

    /** The id that the client gave its request, known before it is checked. */
    void named(String requestId);

    /** Bytes of the bodies. */
    void bytes(long received, long sent);

    /** The call has ended and its line is written. */
    void end(String status);
}
