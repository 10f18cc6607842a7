package io.nereid.server.trace;

import io.nereid.protocol.StatusException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of tracing in three layers: how the server was started, what was set for all models,
 * and what was set for one (metrics section 10). A layer holds what was set there and nothing else,
 * so that a change of a lower layer is seen at once by all above it that leave the field open. May
 * be used from any thread; all layers change together.
 */
public final class TraceSettings implements TraceControl {
    private static final Logger log = LoggerFactory.getLogger(TraceSettings.class);

    private record Layers(TraceFields global, Map<String, TraceFields> models) {
        TraceFields of(Optional<String> model) {
            return model.map(name -> models.getOrDefault(name, TraceFields.NONE)).orElse(global);
        }

        Layers with(Optional<String> model, TraceFields fields) {
            if (model.isEmpty()) {
                return new Layers(fields, models);
            }
            Map<String, TraceFields> changed = new HashMap<>(models);
            if (fields.equals(TraceFields.NONE)) {
                changed.remove(model.get());
            } else {
                changed.put(model.get(), fields);
            }
            return new Layers(global, Map.copyOf(changed));
        }
    }

    private final TraceOptions start;
    private final AtomicReference<Layers> layers =
            new AtomicReference<>(new Layers(TraceFields.NONE, Map.of()));
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * @param start settings at start; not checked, as the reference does not
     */
    public TraceSettings(TraceOptions start) {
        this.start = start;
        warnIfOn(TraceFields.of(start));
    }

    @Override
    public Map<String, List<String>> settings(Optional<String> model) {
        TraceFields effective = effective(layers.get(), model);
        Map<String, List<String>> settings = new LinkedHashMap<>();
        settings.put(TraceChange.LEVEL, levels(effective));
        settings.put(TraceChange.RATE, number(effective.rate()));
        settings.put(TraceChange.COUNT, number(effective.count()));
        if (start.mode().equals(TraceOptions.TRITON)) {
            settings.put(TraceChange.FREQUENCY, number(effective.logFrequency()));
            settings.put(TraceChange.FILE, List.of(start.file()));
        }
        settings.put("trace_mode", List.of(start.mode()));
        start.modeOptions().forEach((name, value) -> settings.put(name, List.of(value)));
        return settings;
    }

    @Override
    public void update(
            Optional<String> model, Map<String, List<String>> changes, Protocol protocol) {
        TraceChange change = new TraceChange(changes, protocol);
        Layers updated =
                layers.updateAndGet(now -> {
                    Layers next = now.with(model, change.applyTo(now.of(model)));
                    check(effective(next, model));
                    return next;
                });
        warnIfOn(effective(updated, model));
    }

    private TraceFields effective(Layers now, Optional<String> model) {
        TraceFields global = now.global().over(TraceFields.of(start));
        return model.isEmpty() ? global : now.of(model).over(global);
    }

    private void check(TraceFields fields) {
        if (isOff(fields)) {
            return;
        }
        if (fields.rate().orElse(0L) == 0) {
            throw invalid("sample rate must be non-zero");
        }
        if (start.mode().equals(TraceOptions.TRITON) && start.file().isEmpty()) {
            throw invalid("trace file name is not given");
        }
    }

    private static StatusException invalid(String why) {
        return StatusException.invalidArgument("Attempting to set invalid trace setting :" + why);
    }

    private static boolean isOff(TraceFields fields) {
        return fields.levels().orElse(Set.of()).isEmpty();
    }

    private void warnIfOn(TraceFields fields) {
        if (!isOff(fields) && warned.compareAndSet(false, true)) {
            log.warn("tracing is switched on, but this version writes no traces yet");
        }
    }

    private static List<String> levels(TraceFields fields) {
        if (isOff(fields)) {
            return List.of(TraceChange.OFF);
        }
        return fields.levels().stream()
                .flatMap(Set::stream)
                .sorted()
                .map(TraceLevel::name)
                .toList();
    }

    private static List<String> number(Optional<Long> value) {
        return value.stream().map(String::valueOf).toList();
    }
}
