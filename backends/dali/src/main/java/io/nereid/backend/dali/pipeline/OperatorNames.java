package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.operator.OperatorSpec;
import java.util.Locale;

/** Names of operators as DALI's messages write them (DALI section 4.5). */
final class OperatorNames {
    private OperatorNames() {}

    /** Beginning of the error texts of an operator. */
    static String errorLabel(OperatorSpec spec) {
        String device = spec.text("device").orElse("cpu").toUpperCase(Locale.ROOT);
        return "Error in "
                + device
                + " operator `"
                + spec.text("_module")
                        .flatMap(module ->
                                spec.text("_display_name").map(display -> module + "." + display))
                        .orElse(pythonName(spec.schema()))
                + "` encountered:\n\n";
    }

    /** {@code decoders__Image} is {@code nvidia.dali.fn.decoders.image}. */
    static String pythonName(String schema) {
        String visible = schema.startsWith("_") ? schema.substring(1) : schema;
        int last = visible.lastIndexOf("__");
        String modules = last < 0 ? "" : visible.substring(0, last).replace("__", ".") + ".";
        String function = last < 0 ? visible : visible.substring(last + 2);
        return "nvidia.dali.fn." + modules + snakeCase(function);
    }

    private static String snakeCase(String camelCase) {
        return camelCase
                .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }
}
