package io.nereid.server.netty;

import io.nereid.protocol.StatusException;

/** Says which bodies are too large. */
@FunctionalInterface
public interface SizeRule {
    /**
     * Asked with the announced length before a body is read, and with the bytes so far while a
     * chunked one arrives.
     *
     * @param byteSize size of the body, at least
     * @throws StatusException INVALID_ARG if that is too large; becomes the answer
     */
    void check(long byteSize);
}
