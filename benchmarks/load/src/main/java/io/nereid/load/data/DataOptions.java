package io.nereid.load.data;

import io.nereid.protocol.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which values are sent.
 *
 * @param source where they come from
 * @param batch number of rows of each request
 * @param shapes extents, without the batch dimension, of inputs whose dims vary
 * @param stringLength length of strings that are made up
 * @param stringData every string that would be made up
 */
public record DataOptions(
        Source source,
        int batch,
        Map<String, Shape> shapes,
        int stringLength,
        Optional<String> stringData) {

    /** Where values come from. */
    public sealed interface Source {
        /** Zeros, false, empty strings. */
        record Zero() implements Source {}

        /** Made up once for each input. */
        record Random() implements Source {}

        /** JSON files, one stream after the other. */
        record Files(List<Path> files) implements Source {}

        /** A folder with a file for each input. */
        record Folder(Path folder) implements Source {}
    }
}
