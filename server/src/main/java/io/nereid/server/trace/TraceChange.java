package io.nereid.server.trace;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.trace.TraceControl.Protocol;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the changes that a client asks for, and makes them (http section 8, grpc section 6). */
final class TraceChange {
    static final String LEVEL = "trace_level";
    static final String RATE = "trace_rate";
    static final String COUNT = "trace_count";
    static final String FREQUENCY = "log_frequency";
    static final String FILE = "trace_file";
    static final String OFF = "OFF";

    private static final String UNSIGNED_RANGE = "[ 0, 4294967295 ]";
    private static final String SIGNED_RANGE = "[ -1, 2147483647 ]";

    /** A number as C reads it: what follows the digits is ignored. */
    private static final Pattern NUMBER = Pattern.compile("\\s*([+-]?[0-9]+).*", Pattern.DOTALL);

    private final Map<String, List<String>> changes;
    private final Protocol protocol;

    TraceChange(Map<String, List<String>> changes, Protocol protocol) {
        this.changes = changes;
        this.protocol = protocol;
    }

    /**
     * The layer with the changes made.
     *
     * @throws StatusException INVALID_ARG or UNSUPPORTED with the texts of the specification
     */
    TraceFields applyTo(TraceFields layer) {
        if (changes.containsKey(FILE)) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "trace file location can not be updated through network protocol");
        }
        return new TraceFields(
                changes.containsKey(LEVEL) ? levels() : layer.levels(),
                changes.containsKey(RATE) ? unsigned(RATE) : layer.rate(),
                changes.containsKey(COUNT) ? count() : layer.count(),
                changes.containsKey(FREQUENCY) ? unsigned(FREQUENCY) : layer.logFrequency());
    }

    /** Whether the number of traces to take is among the changes. */
    boolean changesCount() {
        return changes.containsKey(COUNT);
    }

    private List<String> values(String name) {
        return changes.getOrDefault(name, List.of());
    }

    /** Levels that do not exist are passed over, as the reference does. */
    private Optional<Set<TraceLevel>> levels() {
        List<String> names = values(LEVEL);
        if (names.isEmpty()) {
            return Optional.empty();
        }
        Set<TraceLevel> levels = EnumSet.noneOf(TraceLevel.class);
        for (String name : names) {
            switch (name) {
                case OFF -> {
                    if (names.size() > 1) {
                        throw StatusException.invalidArgument(
                                "Expect only one trace level 'OFF' is specified");
                    }
                }
                case "TIMESTAMPS" -> levels.add(TraceLevel.TIMESTAMPS);
                case "TENSORS" -> levels.add(TraceLevel.TENSORS);
                default -> {}
            }
        }
        return Optional.of(levels);
    }

    /** A signed number whose bits are taken as an unsigned one, as the reference does. */
    private Optional<Long> unsigned(String name) {
        return single(name).map(text -> Integer.toUnsignedLong(number(name, text, UNSIGNED_RANGE)));
    }

    private Optional<Long> count() {
        Optional<String> text = single(COUNT);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        int count = number(COUNT, text.get(), SIGNED_RANGE);
        if (count < -1) {
            String got =
                    switch (protocol) {
                        case HTTP -> "got:";
                        case GRPC -> "got: ";
                    };
            throw StatusException.invalidArgument(
                    "Unable to parse 'trace_count'. Expecting value >= -1, " + got + text.get());
        }
        return Optional.of((long) count);
    }

    private Optional<String> single(String name) {
        List<String> values = values(name);
        if (values.size() > 1) {
            throw StatusException.invalidArgument("expect only 1 value for '" + name + "'");
        }
        return values.stream().findFirst();
    }

    private static int number(String name, String text, String range) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            throw StatusException.invalidArgument("Unable to parse '" + name + "', got: " + text);
        }
        try {
            return Integer.parseInt(matcher.group(1));
        } catch (NumberFormatException e) {
            throw StatusException.invalidArgument(
                    "Unable to parse '"
                            + name
                            + "', value is out of range "
                            + range
                            + ", got: "
                            + text);
        }
    }
}
