package io.nereid.protocol.http;

/**
 * Where the members of one element of {@code inputs} stand in the text; -1 for what is not there.
 * Of members with the same name the first one counts. Reused from input to input.
 */
final class InputMembers {
    /** Absent. */
    static final long NONE = -1;

    /** Told of the first {@code data} while the members are being found. */
    interface DataVisitor {
        /** Reads the value at the cursor. */
        void data(InputMembers before);
    }

    long name;
    long datatype;
    long shape;
    long data;
    long parameters;

    /** Finds the members of the value at the cursor and goes past it. */
    void locate(JsonCursor cursor, DataVisitor visitor) {
        name = datatype = shape = data = parameters = NONE;
        if (cursor.peek() != '{') {
            cursor.skipValue();
            return;
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (data == NONE && cursor.nameIs("data")) {
                cursor.peek();
                data = cursor.position();
                visitor.data(this);
            } else {
                note(cursor);
                cursor.skipValue();
            }
        }
    }

    private void note(JsonCursor cursor) {
        if (name == NONE && cursor.nameIs("name")) {
            name = cursor.position();
        } else if (datatype == NONE && cursor.nameIs("datatype")) {
            datatype = cursor.position();
        } else if (shape == NONE && cursor.nameIs("shape")) {
            shape = cursor.position();
        } else if (parameters == NONE && cursor.nameIs("parameters")) {
            parameters = cursor.position();
        }
    }
}
