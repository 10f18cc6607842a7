package io.nereid.repository.validation;

import io.nereid.protocol.Advice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something that is wrong with a model, or probably not meant.
 *
 * @param model name of the model; empty for a repository as a whole
 * @param file path or URL of the file or directory at fault, if one is
 * @param position place in the file, if it is a text
 * @param field path of the field, such as {@code input[0].dims[1]}; empty if none is at fault
 * @param message what is wrong; of an error, the loader's own text and nothing more
 * @param detail more about it, one line; may be empty
 * @param advice what is expected, what was found, and what to do
 */
public record Finding(
        Severity severity,
        FindingKind kind,
        String model,
        Optional<String> file,
        Optional<TextPosition> position,
        String field,
        String message,
        String detail,
        Advice advice) {
    /** How bad a finding is. */
    public enum Severity {
        /** The model cannot be loaded. */
        ERROR,
        /** The model can be loaded, but something will not be as its configuration says. */
        WARNING
    }

    /** Whether the model cannot be loaded because of it. */
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /**
     * The same with the place where a model lies in fact.
     *
     * @param copy directory that it was read from
     * @param origin its place
     */
    public Finding relocated(String copy, String origin) {
        return new Finding(
                severity,
                kind,
                model,
                file.map(path -> path.replace(copy, origin)),
                position,
                field,
                message.replace(copy, origin),
                detail.replace(copy, origin),
                new Advice(
                        advice.expected().replace(copy, origin),
                        advice.found().replace(copy, origin),
                        advice.fix().replace(copy, origin)));
    }

    /** {@code path:line:column}, as far as known; empty without a file. */
    public String place() {
        return file.map(path -> path + position.map(at -> ":" + at).orElse("")).orElse("");
    }

    /**
     * What a log line adds to the message: the place, the field and the advice in brackets, or
     * nothing.
     */
    public String hint() {
        List<String> parts = new ArrayList<>();
        add(parts, "", place());
        add(parts, "", field);
        add(parts, "expected ", advice.expected());
        add(parts, "found ", advice.found());
        add(parts, "fix: ", advice.fix());
        return parts.isEmpty() ? "" : " [" + String.join("; ", parts) + "]";
    }

    private static void add(List<String> parts, String label, String text) {
        if (!text.isEmpty()) {
            parts.add(label + text);
        }
    }
}
