package io.nereid.server.main.validation;

/** Text from files of unknown content, made harmless for a terminal. */
final class Printable {
    private static final int LONGEST = 2000;

    private Printable() {}

    /** The text in one line, control characters escaped, cut if it is very long. */
    static String of(String text) {
        StringBuilder line = new StringBuilder();
        text.strip()
                .codePoints()
                .limit(LONGEST)
                .forEach(c -> {
                    if (c == '\n') {
                        line.append(' ');
                    } else if (Character.isISOControl(c)
                            || Character.getType(c) == Character.SURROGATE) {
                        line.append(String.format("\\u%04X", c));
                    } else {
                        line.appendCodePoint(c);
                    }
                });
        return text.length() > LONGEST ? line + "..." : line.toString();
    }
}
