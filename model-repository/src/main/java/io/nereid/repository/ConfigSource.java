package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.Finding.Severity;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.TextPosition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A configuration as it was written, and where.
 *
 * @param message what the text says
 * @param place where it says so; empty without a text
 */
record ConfigSource(ModelConfigProto.ModelConfig message, Optional<Place> place) {
    /** No text: everything is derived. */
    static final ConfigSource NONE =
            new ConfigSource(ModelConfigProto.ModelConfig.getDefaultInstance(), Optional.empty());

    /**
     * A text.
     *
     * @param file file that holds it
     * @param positions where in it the fields stand
     */
    record Place(Path file, FieldPositions positions) {}

    /** A configuration that stands in no file. */
    static ConfigSource withoutText(ModelConfigProto.ModelConfig message) {
        return new ConfigSource(message, Optional.empty());
    }

    static ConfigSource of(
            ModelConfigProto.ModelConfig message, Path file, FieldPositions positions) {
        return new ConfigSource(message, Optional.of(new Place(file, positions)));
    }

    /** What a failure says about the configuration, each thing with its place in the text. */
    List<Finding> findings(FindingKind kind, String model, StatusException failure) {
        if (failure instanceof ConfigSyntaxException syntax) {
            return syntax.problems().stream().map(problem -> of(model, syntax, problem)).toList();
        }
        if (failure instanceof InvalidConfigException invalid) {
            String field = invalid.fieldPath().orElse("");
            return List.of(
                    new Finding(
                            Severity.ERROR,
                            kind,
                            model,
                            place.map(Place::file).map(Path::toString),
                            position(field),
                            field,
                            failure.text(),
                            "",
                            invalid.advice()));
        }
        return List.of(
                new Finding(
                        Severity.ERROR,
                        kind,
                        model,
                        Optional.empty(),
                        Optional.empty(),
                        "",
                        failure.text(),
                        "",
                        Advice.NONE));
    }

    private static Finding of(
            String model, ConfigSyntaxException syntax, ConfigSyntaxException.Problem problem) {
        return new Finding(
                Severity.ERROR,
                FindingKind.SYNTAX,
                model,
                Optional.of(syntax.file().toString()),
                problem.position(),
                problem.field(),
                syntax.reference(),
                problem.detail(),
                problem.advice());
    }

    /** Where a field stands, or what it would belong to. */
    Optional<TextPosition> position(String field) {
        return place.flatMap(text -> text.positions.find(field));
    }

    /** What to add to a log line about {@code failure}: place, field, and what to do. */
    String hint(StatusException failure) {
        Finding finding = findings(FindingKind.CONFIG, "", failure).getFirst();
        return finding.hint();
    }
}
