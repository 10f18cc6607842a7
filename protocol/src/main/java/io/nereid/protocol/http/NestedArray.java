package io.nereid.protocol.http;

/** Walks the leaves of a tensor's {@code data}, however nested (HTTP protocol section 12.2). */
final class NestedArray {
    /** Most levels of brackets. */
    static final int MAX_DEPTH = 100;

    /** The refusal of more levels. */
    static final String TOO_DEEP =
            "JSON nesting depth exceeds maximum allowed limit (" + MAX_DEPTH + ")";

    /** What is done with the leaves. */
    interface Leaves {
        /** Reads the leaf that begins at the cursor, and if it likes more leaves with commas. */
        void leaf();

        /** Told of brackets beyond {@link #MAX_DEPTH}; leaves follow all the same. */
        void tooDeep();
    }

    private NestedArray() {}

    /** Reads the array that begins at the cursor to its end. */
    static void walk(JsonCursor cursor, Leaves leaves) {
        long depth = 1;
        boolean more = cursor.firstElement();
        while (true) {
            if (!more) {
                depth--;
                if (depth == 0) {
                    return;
                }
                more = cursor.nextElement();
            } else if (cursor.peek() == '[') {
                depth++;
                if (depth > MAX_DEPTH) {
                    leaves.tooDeep();
                }
                more = cursor.firstElement();
            } else {
                leaves.leaf();
                more = cursor.nextElement();
            }
        }
    }
}
