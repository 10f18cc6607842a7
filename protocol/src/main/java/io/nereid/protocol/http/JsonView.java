package io.nereid.protocol.http;

import io.nereid.protocol.StatusException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A value within a small JSON text, such as an administrative request has: the text is checked once
 * as a whole, and values are read where they stand, so that no tree is built that might be many
 * times larger than the text. Types that do not fit are refused with the texts of HTTP protocol
 * section 21. Used by one thread at a time, as long as the text is there.
 */
public final class JsonView {
    /** Most members or elements that are looked at one by one. */
    static final int MAX_PARTS = 10_000;

    private final JsonCursor cursor;
    private final long at;

    private JsonView(JsonCursor cursor, long at) {
        this.cursor = cursor;
        this.at = at;
    }

    /**
     * Checks a text.
     *
     * @param text borrowed for the view's life
     * @return its only value
     * @throws StatusException INVALID_ARG {@code failed to parse the request JSON buffer: ...}
     */
    public static JsonView of(MemorySegment text) {
        JsonCursor cursor = new JsonCursor(text);
        cursor.start();
        long root = cursor.position();
        cursor.skipValue();
        cursor.end();
        return new JsonView(cursor, root);
    }

    /** The first member of that name; empty if there is none or this is no object. */
    public Optional<JsonView> member(String name) {
        if (first() != '{') {
            return Optional.empty();
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (cursor.nameIs(name)) {
                return Optional.of(here());
            }
            cursor.skipValue();
        }
        return Optional.empty();
    }

    /**
     * The member of that name.
     *
     * @throws StatusException INVALID_ARG if there is none
     */
    public JsonView required(String name) {
        return member(name)
                .orElseThrow(() ->
                        StatusException.invalidArgument(
                                "attempt to access non-existing object member '" + name + "'"));
    }

    /**
     * The members in order; of several with one name the first.
     *
     * @throws StatusException INVALID_ARG if this is no object
     */
    public Map<String, JsonView> members() {
        if (first() != '{') {
            throw StatusException.invalidArgument("attempt to get members for non-object");
        }
        Map<String, JsonView> members = new LinkedHashMap<>();
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            members.putIfAbsent(cursor.name(), here());
            checkCount(members.size());
            cursor.skipValue();
        }
        return members;
    }

    /**
     * The elements in order.
     *
     * @throws StatusException INVALID_ARG if this is no array
     */
    public List<JsonView> elements() {
        require(first() == '[', "array");
        List<JsonView> elements = new ArrayList<>();
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            elements.add(here());
            checkCount(elements.size());
            cursor.skipValue();
        }
        return elements;
    }

    /** Whether this is {@code null}. */
    public boolean isNull() {
        return first() == 'n';
    }

    /** Whether this is {@code true} or {@code false}. */
    public boolean isBoolean() {
        int first = first();
        return first == 't' || first == 'f';
    }

    /**
     * The string that this is.
     *
     * @throws StatusException INVALID_ARG if it is none
     */
    public String string() {
        require(first() == '"', "string");
        return cursor.string().text();
    }

    /**
     * The boolean that this is.
     *
     * @throws StatusException INVALID_ARG if it is none
     */
    public boolean bool() {
        require(isBoolean(), "boolean");
        return cursor.bool();
    }

    /**
     * The bits of the unsigned 64-bit integer that this is.
     *
     * @throws StatusException INVALID_ARG if it is none
     */
    public long unsigned() {
        first();
        require(cursor.atNumber() && cursor.number().isUnsigned(), "unsigned-integer");
        cursor.seek(at);
        return cursor.number().longValue();
    }

    private int first() {
        cursor.seek(at);
        return cursor.peek();
    }

    /** The value at the cursor, which stays there. */
    private JsonView here() {
        cursor.peek();
        return new JsonView(cursor, cursor.position());
    }

    private static void require(boolean fits, String type) {
        if (!fits) {
            throw StatusException.invalidArgument(JsonAccess.notA(type));
        }
    }

    private static void checkCount(int parts) {
        if (parts > MAX_PARTS) {
            throw StatusException.invalidArgument(
                    "request JSON has an object or array of more than " + MAX_PARTS + " values");
        }
    }
}
