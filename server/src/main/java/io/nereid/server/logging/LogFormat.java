package io.nereid.server.logging;

import java.util.Arrays;
import java.util.Optional;

/** Forms of log lines (cli section 7), and one that the reference does not have. */
public enum LogFormat {
    DEFAULT("default"),
    ISO8601("ISO8601"),
    /** A JSON object on each line. */
    JSON("json");

    private final String wireName;

    LogFormat(String wireName) {
        this.wireName = wireName;
    }

    /** What it is called on the command line and by clients. */
    public String wireName() {
        return wireName;
    }

    /** The form of that name. */
    public static Optional<LogFormat> of(String wireName) {
        return Arrays.stream(values())
                .filter(format -> format.wireName.equals(wireName))
                .findFirst();
    }
}
