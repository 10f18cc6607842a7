package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.StatusException;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.Finding.Severity;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.Remarks;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** What is found of one model: puts places to errors and remarks. Used by one thread. */
final class ModelFindings implements Remarks {
    private final String model;
    private final Path directory;
    private final ConfigSource source;
    private final Collection<Finding> all;

    /**
     * @param directory the model's, for findings that have no other place
     * @param all takes the findings
     */
    ModelFindings(String model, Path directory, ConfigSource source, Collection<Finding> all) {
        this.model = model;
        this.directory = directory;
        this.source = source;
        this.all = all;
    }

    /** Adds what keeps the model from being loaded. */
    void error(FindingKind kind, StatusException failure) {
        error(kind, failure, directory, Advice.NONE);
    }

    /**
     * Adds what keeps the model from being loaded.
     *
     * @param file at fault where the failure names no field
     * @param otherwise advice where the failure brings none
     */
    void error(FindingKind kind, StatusException failure, Path file, Advice otherwise) {
        source.findings(kind, model, failure).stream()
                .map(finding -> completed(finding, file, otherwise))
                .forEach(all::add);
    }

    private static Finding completed(Finding finding, Path file, Advice otherwise) {
        return new Finding(
                finding.severity(),
                finding.kind(),
                finding.model(),
                finding.file().or(() -> Optional.of(file.toString())),
                finding.position(),
                finding.field(),
                finding.message(),
                finding.detail(),
                finding.advice().isEmpty() ? otherwise : finding.advice());
    }

    /** Adds what was found before, with this model's directory for its place if it has none. */
    void addAll(Collection<Finding> findings) {
        findings.forEach(finding -> all.add(completed(finding, directory, Advice.NONE)));
    }

    @Override
    public void field(FindingKind kind, String path, String message, Advice advice) {
        Path file = source.place().map(ConfigSource.Place::file).orElse(directory);
        all.add(
                new Finding(
                        Severity.WARNING,
                        kind,
                        model,
                        Optional.of(file.toString()),
                        source.position(path),
                        path,
                        message,
                        "",
                        advice));
    }

    @Override
    public void file(FindingKind kind, Path file, String message, Advice advice) {
        all.add(
                new Finding(
                        Severity.WARNING,
                        kind,
                        model,
                        Optional.of(file.toString()),
                        Optional.empty(),
                        "",
                        message,
                        "",
                        advice));
    }
}
