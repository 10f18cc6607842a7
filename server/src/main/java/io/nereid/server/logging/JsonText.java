package io.nereid.server.logging;

/** Writes a JSON object on one line. Not for several threads. */
public final class JsonText {
    private final StringBuilder text;
    private boolean first = true;

    /** An object that is appended to {@code text}. */
    public JsonText(StringBuilder text) {
        this.text = text.append('{');
    }

    /** Adds a member. */
    public JsonText put(String name, String value) {
        name(name);
        quote(value, text);
        return this;
    }

    /** Adds a member. */
    public JsonText put(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    /** Adds a member unless its value is empty. */
    public JsonText putUnlessEmpty(String name, String value) {
        return value.isEmpty() ? this : put(name, value);
    }

    /** Ends the object. */
    public void end() {
        text.append('}');
    }

    private void name(String name) {
        text.append(first ? "\"" : ",\"").append(name).append("\":");
        first = false;
    }

    /** Appends a JSON string with its quotes. */
    public static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append(String.format("\\u%04X", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
