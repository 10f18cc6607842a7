package io.nereid.backend.cache;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Answers that were given before (schedulers section 16): names, types, shapes and bytes of
 * outputs. Bounded; what it forgets, and when, is its own business. Called on: any thread, several
 * at a time.
 */
public interface ResponseCache extends AutoCloseable {
    /**
     * Looks for an answer. Never blocks and never throws: an answer that cannot be had is missing.
     *
     * @param finding told once, on this thread before the call returns or on another one, and
     *     within a limited time
     */
    void find(ResponseKey key, Finding finding);

    /** What came of a look-up. Its methods never block and never throw. */
    interface Finding {
        /** The answer is there. */
        void found(@Owned List<Tensor> outputs);

        /** It is not, or cannot be had. */
        void missing();
    }

    /**
     * Keeps a copy of an answer; a look-up that begins later on the same thread finds it, unless it
     * had to go. Never blocks.
     *
     * @param outputs borrowed until the call returns
     * @return false if there is an answer under that key already, which stays
     * @throws StatusException why it is not kept
     */
    boolean insert(ResponseKey key, List<Tensor> outputs);

    /** What it tells of itself; empty if nothing. */
    default Optional<CacheFigures> figures() {
        return Optional.empty();
    }

    /**
     * Frees everything. Nobody calls afterwards, and every look-up has ended; outputs that were
     * handed out stay valid until they are closed. Called on: a control thread, once.
     */
    @Override
    void close();
}
