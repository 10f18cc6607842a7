package io.nereid.protocol;

/** Identifies the sequence that a request belongs to. 0 and the empty text mean "no sequence". */
public sealed interface CorrelationId {
    /** No sequence. */
    CorrelationId NONE = new NumericId(0);

    /** A number; the bits of an unsigned 64-bit integer. */
    record NumericId(long value) implements CorrelationId {}

    /** A text of at most 128 bytes. */
    record TextId(String value) implements CorrelationId {}
}
