package io.nereid.repository;

import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Path;
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

    /**
     * What to put in front of a log line about {@code failure}: {@code path:line:column: } where
     * the field at fault is known, else nothing.
     */
    String prefixFor(StatusException failure) {
        if (!(failure instanceof InvalidConfigException invalid)) {
            return "";
        }
        return place.map(text -> prefix(text, invalid.fieldPath())).orElse("");
    }

    private static String prefix(Place text, Optional<String> field) {
        return field.flatMap(text.positions::find)
                .map(position -> text.file + ":" + position + ": ")
                .orElse(text.file + ": ");
    }
}
