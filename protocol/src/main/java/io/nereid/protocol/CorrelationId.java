package io.nereid.protocol;

/** Identifies the sequence that a request belongs to. 0 and the empty text mean "no sequence". */
public sealed interface CorrelationId {
    /** No sequence. */
    CorrelationId NONE = new NumericId(0);

    /** Whether it means "no sequence". */
    boolean isNone();

    /** How it is written in texts. */
    String text();

    /** A number; the bits of an unsigned 64-bit integer. */
    record NumericId(long value) implements CorrelationId {
        @Override
        public boolean isNone() {
            return value == 0;
        }

        @Override
        public String text() {
            return Long.toUnsignedString(value);
        }
    }

    /** A text of at most 128 bytes. */
    record TextId(String value) implements CorrelationId {
        @Override
        public boolean isNone() {
            return value.isEmpty();
        }

        @Override
        public String text() {
            return value;
        }
    }
}
