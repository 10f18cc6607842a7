package io.nereid.protocol.http;

import io.nereid.protocol.StatusException;

/**
 * Reads values that must be of a certain type, refusing others with the texts of HTTP protocol
 * section 21. A place of -1 stands for a member that is not there.
 */
final class JsonAccess {
    /** What is wrong with a value that is no number. */
    static final String NOT_A_NUMBER = "attempt to access JSON non-number as double";

    private final JsonCursor cursor;

    JsonAccess(JsonCursor cursor) {
        this.cursor = cursor;
    }

    /** What is wrong with a value of another type. */
    static String notA(String expected) {
        return "attempt to access JSON non-" + expected + " as " + expected;
    }

    /** The string at that place. */
    String string(long at, String member) {
        go(at, member);
        if (cursor.peek() != '"') {
            throw unable(member, notA("string"));
        }
        return cursor.string().text();
    }

    /** The boolean at that place. */
    boolean bool(long at, String member) {
        go(at, member);
        int first = cursor.peek();
        if (first != 't' && first != 'f') {
            throw unable(member, notA("boolean"));
        }
        return cursor.bool();
    }

    /** The bits of the unsigned 64-bit integer at that place. */
    long unsigned(long at, String member) {
        go(at, member);
        if (cursor.atNumber()) {
            JsonNumber number = cursor.number();
            if (number.isUnsigned()) {
                return number.longValue();
            }
        }
        throw unable(member, notA("unsigned-integer"));
    }

    /** Goes to an array; the cursor then stands at its bracket. */
    void array(long at, String member) {
        go(at, member);
        if (cursor.peek() != '[') {
            throw unable(member, notA("array"));
        }
    }

    /** Whether an unsigned 64-bit integer begins at the cursor, which stays where it is. */
    boolean atUnsigned() {
        if (!cursor.atNumber()) {
            return false;
        }
        long at = cursor.position();
        boolean unsigned = cursor.number().isUnsigned();
        cursor.seek(at);
        return unsigned;
    }

    /** The refusal of a member's value. */
    static StatusException unable(String member, String why) {
        return StatusException.invalidArgument("Unable to parse '" + member + "': " + why);
    }

    private void go(long at, String member) {
        if (at < 0) {
            throw unable(member, "attempt to access non-existing object member '" + member + "'");
        }
        cursor.seek(at);
    }
}
