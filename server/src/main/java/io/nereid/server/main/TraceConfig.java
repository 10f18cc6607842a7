package io.nereid.server.main;

import io.nereid.server.trace.TraceLevel;
import io.nereid.server.trace.TraceOptions;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the values of {@code --trace-config} (cli section 2) on top of older flags. */
final class TraceConfig {
    private static final String TRITON = TraceOptions.TRITON;
    private static final String OPEN_TELEMETRY = TraceOptions.OPEN_TELEMETRY;
    private static final String RESOURCE = "resource";
    private static final String RESOURCE_VARIABLE = "OTEL_RESOURCE_ATTRIBUTES";
    private static final Map<String, String> PROCESSOR_VARIABLES =
            Map.of(
                    "bsp_max_queue_size", "OTEL_BSP_MAX_QUEUE_SIZE",
                    "bsp_schedule_delay", "OTEL_BSP_SCHEDULE_DELAY",
                    "bsp_max_export_batch_size", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");

    private final Set<TraceLevel> levels = EnumSet.noneOf(TraceLevel.class);
    private final Map<String, Map<String, String>> ofModes = new LinkedHashMap<>();
    private String mode = TRITON;
    private long rate = 1000;
    private long count = -1;

    private TraceConfig() {}

    /**
     * @param values {@code [<mode>,]<setting>=<value>} each
     * @param environment variables of OpenTelemetry, which flags go before
     * @throws IllegalArgumentException with the text for the user
     */
    static TraceOptions read(List<String> values, Map<String, String> environment) {
        TraceConfig config = new TraceConfig();
        values.forEach(config::add);
        return config.options(environment);
    }

    private void add(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException(
                    "--trace-config option format is <mode>,<setting>=<value> or"
                            + " <setting>=<value>. Got "
                            + text);
        }
        // Without a mode's name the setting is global; a comma behind '=' is a value's.
        int comma = text.substring(0, equals).indexOf(',');
        String setting = text.substring(comma + 1, equals);
        String value = text.substring(equals + 1);
        if (comma < 0) {
            setGlobal(setting, value);
        } else {
            ofModes.computeIfAbsent(text.substring(0, comma), _ -> new LinkedHashMap<>())
                    .merge(setting, value, (old, more) -> merged(setting, old, more));
        }
    }

    /** Attributes of the resource add up; of everything else the last counts. */
    private static String merged(String setting, String old, String value) {
        return setting.equals(RESOURCE) ? old + "," + value : value;
    }

    private void setGlobal(String setting, String value) {
        switch (setting) {
            case "level" -> addLevel(value);
            case "rate" -> rate = number(setting, value);
            case "count" -> count = number(setting, value);
            case "mode" -> mode = mode(value);
            default ->
                    throw new IllegalArgumentException(
                            "Bad option: \"--trace-config " + setting + "\".");
        }
    }

    private void addLevel(String value) {
        switch (value.toLowerCase(Locale.ROOT)) {
            case "off", "false" -> {}
            case "on", "true", "min", "max", "timestamps" -> levels.add(TraceLevel.TIMESTAMPS);
            case "tensors" -> levels.add(TraceLevel.TENSORS);
            default ->
                    throw new IllegalArgumentException(
                            "invalid value for trace level option: " + value);
        }
    }

    private static String mode(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case TRITON -> TRITON;
            case OPEN_TELEMETRY -> OPEN_TELEMETRY;
            default ->
                    throw new IllegalArgumentException(
                            "invalid value for trace mode option: "
                                    + value
                                    + ". Available options are \"triton\" and \"opentelemetry\"");
        };
    }

    private static long number(String setting, String value) {
        try {
            return Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "Bad option: \"--trace-config "
                            + setting
                            + "\".\nInvalid option value. Got "
                            + value,
                    e);
        }
    }

    private TraceOptions options(Map<String, String> environment) {
        Map<String, String> options = new LinkedHashMap<>(ofModes.getOrDefault(mode, Map.of()));
        if (mode.equals(OPEN_TELEMETRY)) {
            addVariables(options, environment);
        }
        String file = options.getOrDefault("file", "");
        long logFrequency =
                number("triton,log-frequency", options.getOrDefault("log-frequency", "0"));
        options.remove("file");
        options.remove("log-frequency");
        return new TraceOptions(mode, levels, rate, count, logFrequency, file, options);
    }

    private static void addVariables(Map<String, String> options, Map<String, String> environment) {
        PROCESSOR_VARIABLES.forEach((setting, variable) -> {
            String given = options.get(setting);
            String found = environment.getOrDefault(variable, "");
            if (given != null) {
                requirePositive(given, "--trace-config opentelemetry," + setting);
            } else if (!found.isEmpty()) {
                requirePositive(found, variable);
                options.put(setting, found);
            }
        });
        String attributes = environment.getOrDefault(RESOURCE_VARIABLE, "");
        if (!attributes.isEmpty()) {
            options.merge(RESOURCE, attributes, (flags, variable) -> variable + "," + flags);
        }
    }

    private static void requirePositive(String value, String option) {
        try {
            if (Integer.parseInt(value.strip()) > 0) {
                return;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("Bad option: \"" + option + "\".", e);
        }
        throw new IllegalArgumentException("Bad option: \"" + option + "\".");
    }
}
