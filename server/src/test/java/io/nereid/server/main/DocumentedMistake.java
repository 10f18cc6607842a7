package io.nereid.server.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry of {@code docs/config-errors.md}: a repository, and what is printed of it.
 *
 * @param title heading of the entry
 * @param texts contents of files by path
 * @param copies names of test models by path
 * @param directories paths of empty directories
 * @param printed what the command prints
 */
record DocumentedMistake(
        String title,
        Map<String, String> texts,
        Map<String, String> copies,
        List<String> directories,
        String printed) {
    private static final Pattern HEADING = Pattern.compile("(?m)^### ");
    private static final Pattern TEXT = Pattern.compile("(?ms)^`([^`]+)`:\n```\\w+\n(.*?)^```$");
    private static final Pattern COPY = Pattern.compile("(?m)^`([^`]+)` is a copy of `(\\w+)`$");
    private static final Pattern EMPTY = Pattern.compile("(?m)^`([^`]+)/` is an empty directory$");
    private static final Pattern PRINTED = Pattern.compile("(?ms)^```console\n(.*?)^```$");

    /** The entries of the document, in its order. */
    static List<DocumentedMistake> in(String document) {
        return HEADING.splitAsStream(document).skip(1).map(DocumentedMistake::of).toList();
    }

    private static DocumentedMistake of(String entry) {
        Matcher printed = PRINTED.matcher(entry);
        if (!printed.find()) {
            throw new IllegalArgumentException("nothing printed in: " + entry);
        }
        List<String> directories = new ArrayList<>();
        Matcher empty = EMPTY.matcher(entry);
        while (empty.find()) {
            directories.add(empty.group(1));
        }
        return new DocumentedMistake(
                entry.lines().findFirst().orElseThrow(),
                pairs(TEXT, entry),
                pairs(COPY, entry),
                directories,
                printed.group(1).strip());
    }

    private static Map<String, String> pairs(Pattern pattern, String entry) {
        Map<String, String> pairs = new LinkedHashMap<>();
        Matcher matcher = pattern.matcher(entry);
        while (matcher.find()) {
            pairs.put(matcher.group(1), matcher.group(2));
        }
        return pairs;
    }

    /**
     * Writes the repository.
     *
     * @param models gives the file of a test model
     */
    void build(Path repository, Function<String, Path> models) throws IOException {
        for (String directory : directories) {
            Files.createDirectories(repository.resolve(directory));
        }
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.writeString(ready(repository, text.getKey()), text.getValue());
        }
        for (Map.Entry<String, String> copy : copies.entrySet()) {
            Files.copy(models.apply(copy.getValue()), ready(repository, copy.getKey()));
        }
    }

    private static Path ready(Path repository, String path) throws IOException {
        int slash = path.lastIndexOf('/');
        return Files.createDirectories(repository.resolve(path.substring(0, slash)))
                .resolve(path.substring(slash + 1));
    }

    @Override
    public String toString() {
        return title;
    }
}
