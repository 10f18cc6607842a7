package io.nereid.repository.validation;

import io.nereid.protocol.Advice;
import java.nio.file.Path;

/** Takes what a check that goes beyond the loader's rules has to say about one model. */
public interface Remarks {
    /**
     * Something about a field of the configuration.
     *
     * @param path of the field, such as {@code input[0].dims}
     */
    void field(FindingKind kind, String path, String message, Advice advice);

    /** Something about a file or a directory. */
    void file(FindingKind kind, Path file, String message, Advice advice);
}
