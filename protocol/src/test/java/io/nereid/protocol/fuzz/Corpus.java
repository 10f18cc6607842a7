package io.nereid.protocol.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Recorded messages in the test resources. */
public final class Corpus {
    private Corpus() {}

    /** The lines of a file of the folder {@code fuzz}. */
    public static List<String> lines(String file) {
        try (InputStream in =
                        Objects.requireNonNull(
                                Corpus.class.getResourceAsStream("/fuzz/" + file), file);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.readAllLines();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
