package io.nereid.server.trace;

import static io.nereid.server.trace.TraceFields.NONE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The settings of tracing in three layers: how the server was started, what was set for all models,
 * and what was set for one (metrics section 10). A layer holds what was set there and nothing else,
 * so that a change of a lower layer is seen at once by all above it that leave the field open. May
 * be used from any thread; all layers change together.
 */
public final class TraceSettings implements TraceControl {
    /** A layer: what was set there, and what follows from it. */
    private record Layer(TraceFields fields, TraceSetting setting) {}

    private record Layers(Layer global, Map<String, Layer> models, boolean off) {
        static Layers of(Layer global, Map<String, Layer> models) {
            boolean off =
                    global.setting().levels().isEmpty()
                            && models.values().stream()
                                    .allMatch(model -> model.setting().levels().isEmpty());
            return new Layers(global, Map.copyOf(models), off);
        }

        TraceSetting of(String model) {
            Layer layer = models.get(model);
            return layer == null ? global.setting() : layer.setting();
        }

        TraceFields fieldsOf(Optional<String> model) {
            return model.map(name -> models.containsKey(name) ? models.get(name).fields() : NONE)
                    .orElse(global.fields());
        }
    }

    private final TraceOptions start;
    private final ReentrantLock lock = new ReentrantLock();

    // Replaced as a whole, under the lock; read without.
    private volatile Layers layers;

    @GuardedBy("lock")
    private Consumer<TraceSetting> onRetired = _ -> {};

    /**
     * @param start settings at start; not checked, as the reference does not
     */
    public TraceSettings(TraceOptions start) {
        this.start = start;
        TraceFields fields = TraceFields.of(start);
        this.layers = Layers.of(new Layer(NONE, running(fields)), Map.of());
    }

    /** Tells {@code listener} of settings that have been replaced. It must not block. */
    void onRetired(Consumer<TraceSetting> listener) {
        lock.lock();
        try {
            onRetired = listener;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is traced. */
    boolean isOff() {
        return layers.off();
    }

    /** What is in force for a model. */
    TraceSetting of(String model) {
        return layers.of(model);
    }

    @Override
    public Map<String, List<String>> settings(Optional<String> model) {
        TraceFields effective = effective(layers, model);
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
        lock.lock();
        try {
            Layers before = layers;
            TraceFields fields = change.applyTo(before.fieldsOf(model));
            boolean counts = change.changesCount();
            layers =
                    model.isEmpty()
                            ? withGlobal(before, fields, counts)
                            : withModel(before, model.get(), fields, counts);
            retireReplaced(before, layers);
        } finally {
            lock.unlock();
        }
    }

    /** Models that leave a field open begin to count anew, as the global setting does. */
    private Layers withGlobal(Layers before, TraceFields fields, boolean counts) {
        TraceFields below = TraceFields.of(start);
        TraceFields effective = fields.over(below);
        if (!counts) {
            effective = effective.withCount(before.global().setting().remaining());
        }
        check(effective);
        Layer global = new Layer(fields, running(effective));
        Map<String, Layer> models = new HashMap<>();
        before.models()
                .forEach((name, layer) ->
                        models.put(name, layer.fields().isWhole() ? layer : over(layer, global)));
        return Layers.of(global, models);
    }

    private Layers withModel(Layers before, String name, TraceFields fields, boolean counts) {
        Map<String, Layer> models = new HashMap<>(before.models());
        if (fields.equals(NONE)) {
            models.remove(name);
            check(effective(before, Optional.empty()));
        } else {
            TraceFields effective = fields.over(effective(before, Optional.empty()));
            Layer old = before.models().get(name);
            if (!counts && old != null && fields.count().isPresent()) {
                effective = effective.withCount(old.setting().remaining());
            }
            check(effective);
            models.put(name, new Layer(fields, running(effective)));
        }
        return Layers.of(before.global(), models);
    }

    /** A model's layer on top of another global one; a count of its own goes on. */
    private Layer over(Layer layer, Layer global) {
        TraceFields below = global.fields().over(TraceFields.of(start));
        TraceFields effective = layer.fields().over(below.withCount(global.setting().remaining()));
        if (layer.fields().count().isPresent()) {
            effective = effective.withCount(layer.setting().remaining());
        }
        return new Layer(layer.fields(), running(effective));
    }

    @GuardedBy("lock")
    private void retireReplaced(Layers before, Layers after) {
        Set<TraceSetting> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        kept.add(after.global().setting());
        after.models().values().forEach(layer -> kept.add(layer.setting()));
        List<TraceSetting> old = new ArrayList<>();
        old.add(before.global().setting());
        before.models().values().forEach(layer -> old.add(layer.setting()));
        old.stream().filter(setting -> !kept.contains(setting)).forEach(onRetired);
    }

    /** What is not valid traces nothing. */
    private TraceSetting running(TraceFields fields) {
        boolean nowhere = start.mode().equals(TraceOptions.TRITON) && start.file().isEmpty();
        return new TraceSetting(
                nowhere ? Set.of() : fields.levels().orElse(Set.of()),
                fields.rate().orElse(0L),
                fields.count().orElse(-1L),
                fields.logFrequency().orElse(0L));
    }

    /** What is in force, with the number of traces that are left. */
    private TraceFields effective(Layers now, Optional<String> model) {
        TraceFields global = now.global().fields().over(TraceFields.of(start));
        return model.map(now.models()::get)
                .map(layer -> layer.fields().over(global).withCount(layer.setting().remaining()))
                .orElseGet(() -> global.withCount(now.global().setting().remaining()));
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
