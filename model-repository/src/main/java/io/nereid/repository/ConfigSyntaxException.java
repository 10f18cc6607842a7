package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.validation.TextPosition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A configuration file that cannot be read, or whose text is no configuration. */
final class ConfigSyntaxException extends StatusException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final transient String reference;
    private final transient List<Problem> problems;

    /**
     * One thing that is wrong with the text.
     *
     * @param field name of the field at fault; empty if none is
     * @param detail the parser's words, one line
     */
    record Problem(Optional<TextPosition> position, String field, String detail, Advice advice) {}

    private ConfigSyntaxException(
            Path file, String reference, String text, List<Problem> problems) {
        super(StatusCode.INTERNAL, text);
        this.file = file;
        this.reference = reference;
        this.problems = List.copyOf(problems);
    }

    /**
     * A text that is no configuration.
     *
     * @param problems at least one; the first is part of the text
     */
    static ConfigSyntaxException malformed(Path file, List<Problem> problems) {
        String reference = "failed to read text proto from " + file;
        Problem first = problems.getFirst();
        String place = first.position().map(position -> ":" + position).orElse("");
        return new ConfigSyntaxException(
                file, reference, reference + place + ": " + first.detail(), problems);
    }

    /** A file that cannot be opened. */
    static ConfigSyntaxException unreadable(Path file, String reason, Advice advice) {
        String reference = "failed to open text file for read " + file + ": " + reason;
        return new ConfigSyntaxException(
                file, reference, reference, List.of(new Problem(Optional.empty(), "", "", advice)));
    }

    Path file() {
        return file;
    }

    /** The text of the reference, without place and detail. */
    String reference() {
        return reference;
    }

    /** What is wrong, at least one thing. */
    List<Problem> problems() {
        return problems;
    }
}
