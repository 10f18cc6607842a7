package io.nereid.backend;

/**
 * Why a batch was closed, that is, why no further request joined it. For those who wonder why their
 * batches are small.
 */
public enum BatchClose {
    /** It had reached the largest size, or the next request would have exceeded it. */
    FULL,
    /** It had a preferred size, or had to be cut at one. */
    PREFERRED_SIZE,
    /** Its oldest request had waited for the maximum delay. */
    DELAY,
    /** The next request differs in its shapes or in the set of its inputs. */
    SHAPE,
    /** An instance was idle and no further request waited; also where nothing is ever combined. */
    IDLE,
    /** A sequence batcher put it together of what its slots had. */
    SEQUENCE
}
