package io.nereid.protocol.http;

import io.nereid.protocol.StatusException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Reads a JSON text in native memory piece by piece, at the caller's pace, by the rules of HTTP
 * protocol section 21. Allocates nothing but the strings it is asked for. Whatever it passes over
 * it checks, so a text that was read to its end is well formed.
 *
 * <p>The caller follows the structure: after {@link #firstMember} or {@link #nextMember} said true
 * it reads exactly one value. Nothing recurses, so depth costs no stack.
 */
final class JsonCursor {
    /** Most levels of a value that is passed over. */
    static final int MAX_DEPTH = 1 << 16;

    private final MemorySegment json;
    private final long length;
    private final JsonNumber number;
    private final JsonString string;
    private long position;
    private long[] objects = new long[1];

    /**
     * @param json the whole text, borrowed for the cursor's life
     */
    JsonCursor(MemorySegment json) {
        this.json = json;
        this.length = json.byteSize();
        this.number = new JsonNumber(json);
        this.string = new JsonString(json);
    }

    /** The refusal of a text that is not JSON. */
    static StatusException malformed(String what, long offset) {
        return StatusException.invalidArgument(
                "failed to parse the request JSON buffer: " + what + " at " + offset);
    }

    /** The text. */
    MemorySegment json() {
        return json;
    }

    /** Offset of the next byte. */
    long position() {
        return position;
    }

    /** Goes on at a place where a value begins. */
    void seek(long newPosition) {
        position = newPosition;
    }

    /** Bytes from here to the end. */
    long remaining() {
        return length - position;
    }

    /** Goes to the first value, past a byte-order mark. */
    void start() {
        if (byteAt(0) == (byte) 0xEF && byteAt(1) == (byte) 0xBB && byteAt(2) == (byte) 0xBF) {
            position = 3;
        }
        peek();
        if (position == length) {
            throw malformed("The document is empty.", position);
        }
    }

    /** Refuses anything but white space from here. */
    void end() {
        peek();
        if (position < length) {
            throw malformed("The document root must not be followed by other values.", position);
        }
    }

    /** The next byte that is not white space, which is left to be read; 0 at the end. */
    int peek() {
        for (int b = byteAt(position); ; b = byteAt(++position)) {
            if (b > ' ' || !isSpace(b)) {
                return b;
            }
        }
    }

    /** Enters the object that begins here; true if it has a member, whose name is now read. */
    boolean firstMember() {
        position++;
        if (peek() == '}') {
            position++;
            return false;
        }
        readName();
        return true;
    }

    /** Goes on in an object after a value; true if there is a member, whose name is now read. */
    boolean nextMember() {
        int b = peek();
        if (b == '}') {
            position++;
            return false;
        }
        if (b != ',') {
            throw malformed("Missing a comma or } after an object member.", position);
        }
        position++;
        peek();
        readName();
        return true;
    }

    /** Enters the array that begins here; true if it has an element. */
    boolean firstElement() {
        position++;
        if (peek() == ']') {
            position++;
            return false;
        }
        return true;
    }

    /** Goes on in an array after a value; true if there is an element. */
    boolean nextElement() {
        int b = peek();
        if (b != ',' && b != ']') {
            throw malformed("Missing a comma or ] after an array element.", position);
        }
        position++;
        return b == ',';
    }

    /** The member's name just read, in new memory of the heap. */
    String name() {
        return string.text();
    }

    /** Whether the member's name just read is this one, which is ASCII. */
    boolean nameIs(String ascii) {
        return string.equalTo(ascii);
    }

    /** Whether the next value is a number. */
    boolean atNumber() {
        int b = peek();
        return (b >= '0' && b <= '9') || b == '-' || b == 'N' || b == 'I';
    }

    /** Reads the number that begins here. The result changes with the next one. */
    JsonNumber number() {
        peek();
        position = number.scan(position);
        return number;
    }

    /** Reads the string that begins here. The result changes with the next one. */
    JsonString string() {
        peek();
        position = string.scan(position);
        return string;
    }

    /** Reads {@code true} or {@code false}. */
    boolean bool() {
        boolean value = peek() == 't';
        word(value ? "true" : "false");
        return value;
    }

    /** Passes over the value that begins here, checking it. */
    void skipValue() {
        int depth = 0;
        while (true) {
            boolean inside =
                    switch (peek()) {
                        case '{' -> enter(depth, true) && firstMember();
                        case '[' -> enter(depth, false) && firstElement();
                        default -> skipScalar();
                    };
            if (inside) {
                depth++;
                continue;
            }
            while (depth > 0 && !(isObject(depth - 1) ? nextMember() : nextElement())) {
                depth--;
            }
            if (depth == 0) {
                return;
            }
        }
    }

    private boolean skipScalar() {
        switch (peek()) {
            case '"' -> position = string.scan(position);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> position = number.scan(position);
        }
        return false;
    }

    private boolean enter(int depth, boolean object) {
        if (depth == MAX_DEPTH) {
            throw malformed("Nesting is deeper than " + MAX_DEPTH + " levels", position);
        }
        int word = depth >> 6;
        if (word == objects.length) {
            objects = Arrays.copyOf(objects, 2 * objects.length);
        }
        long bit = 1L << depth;
        objects[word] = object ? (objects[word] | bit) : (objects[word] & ~bit);
        return true;
    }

    private boolean isObject(int depth) {
        return ((objects[depth >> 6] >>> depth) & 1) != 0;
    }

    private void readName() {
        if (byteAt(position) != '"') {
            throw malformed("Missing a name for object member.", position);
        }
        position = string.scan(position);
        if (peek() != ':') {
            throw malformed("Missing a colon after a name of object member.", position);
        }
        position++;
    }

    private static boolean isSpace(int b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private void word(String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (byteAt(position + i) != expected.charAt(i)) {
                throw malformed("Invalid value.", position);
            }
        }
        position += expected.length();
    }

    private int byteAt(long offset) {
        return offset < length ? json.get(ValueLayout.JAVA_BYTE, offset) : 0;
    }
}
