package io.nereid.load.client.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a refusal. */
final class ErrorBody {
    private static final Pattern ERROR =
            Pattern.compile("\\{\\s*\"error\"\\s*:\\s*\"(.*)\"\\s*}", Pattern.DOTALL);

    private ErrorBody() {}

    /** The member {@code error} of a JSON body, or all of any other body. */
    static String text(String body) {
        Matcher error = ERROR.matcher(body.strip());
        return error.matches() ? error.group(1).replace("\\\"", "\"") : body.strip();
    }
}
