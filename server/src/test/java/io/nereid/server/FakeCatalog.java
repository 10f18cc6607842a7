package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelCatalog;
import io.nereid.repository.VersionState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A catalogue that a test fills by hand. */
public final class FakeCatalog implements ModelCatalog {
    private final Map<String, NavigableMap<Long, Model>> models = new ConcurrentHashMap<>();
    private final List<IndexEntry> others = new CopyOnWriteArrayList<>();
    private final Map<String, String> labels = new ConcurrentHashMap<>();
    private final AtomicInteger leases = new AtomicInteger();
    private volatile boolean allReady = true;

    public FakeCatalog add(Model model) {
        models.computeIfAbsent(model.config().name(), _ -> new TreeMap<>())
                .put(model.version(), model);
        return this;
    }

    /** Takes a model away, and all labels. */
    public void remove(String name) {
        models.remove(name);
        labels.clear();
    }

    public void setAllReady(boolean ready) {
        allReady = ready;
    }

    @Override
    public Model model(String name, OptionalLong version) {
        NavigableMap<Long, Model> versions = models.get(name);
        if (versions == null) {
            throw unknown("'" + name + "' is not found");
        }
        Model model = versions.get(version.orElseGet(versions::lastKey));
        if (model == null) {
            throw unknown("'" + name + "' version " + version.orElseThrow() + " is not found");
        }
        return model;
    }

    @Override
    public ModelLease lease(String name, OptionalLong version) {
        Model model = model(name, version);
        leases.incrementAndGet();
        return new CountedLease(model);
    }

    /** Names a class of every model; leases know what was said before them. */
    public void label(String output, long index, String label) {
        labels.put(output + index, label);
    }

    /** Leases that have not ended. */
    public int leases() {
        return leases.get();
    }

    private final class CountedLease implements ModelLease {
        private final Model model;
        private final Map<String, String> known = Map.copyOf(labels);
        private final AtomicBoolean ended = new AtomicBoolean();

        CountedLease(Model model) {
            this.model = model;
        }

        @Override
        public Model model() {
            return model;
        }

        @Override
        public LabelLookup labels() {
            return (output, index) -> Optional.ofNullable(known.get(output + index));
        }

        @Override
        public void close() {
            if (ended.getAndSet(true)) {
                throw new IllegalStateException("lease ended twice");
            }
            leases.decrementAndGet();
        }
    }

    @Override
    public SortedSet<String> names() {
        return new TreeSet<>(models.keySet());
    }

    private static StatusException unknown(String text) {
        return new StatusException(StatusCode.NOT_FOUND, "Request for unknown model: " + text);
    }

    @Override
    public List<Long> readyVersions(String name) {
        return List.copyOf(models.getOrDefault(name, new TreeMap<>()).keySet());
    }

    @Override
    public boolean allReady() {
        return allReady;
    }

    /** A line of the index about what is not ready. */
    public FakeCatalog addToIndex(IndexEntry entry) {
        others.add(entry);
        return this;
    }

    @Override
    public List<IndexEntry> index() {
        List<IndexEntry> entries = new ArrayList<>(others);
        models.forEach((name, versions) ->
                versions.keySet()
                        .forEach(version ->
                                entries.add(
                                        new IndexEntry(
                                                name,
                                                OptionalLong.of(version),
                                                Optional.of(VersionState.READY),
                                                ""))));
        entries.sort(
                Comparator.comparing(IndexEntry::name)
                        .thenComparingLong(entry -> entry.version().orElse(-1)));
        return entries;
    }
}
