package io.nereid.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The state of every version of every model (repository section 9).
 *
 * <p>Threads: control threads move states, any thread reads. A reader takes one immutable snapshot
 * and no lock, so that a request sees a model's versions as they were at one moment; writers
 * replace the snapshot under the lock.
 */
final class ModelLifecycle {
    /** Reason of a version that was taken out of service on purpose. */
    static final String UNLOADED = "unloaded";

    /**
     * A version.
     *
     * @param state its state
     * @param reason why it is UNAVAILABLE, else empty
     * @param model what answers if it is READY, what still answers old requests if it is UNLOADING
     */
    record Version(VersionState state, String reason, Optional<ReadyModel> model) {
        static final Version LOADING = new Version(VersionState.LOADING, "", Optional.empty());

        static Version ready(ReadyModel model) {
            return new Version(VersionState.READY, "", Optional.of(model));
        }

        static Version unloading(ReadyModel model) {
            return new Version(VersionState.UNLOADING, "", Optional.of(model));
        }

        static Version unavailable(String reason) {
            return new Version(VersionState.UNAVAILABLE, reason, Optional.empty());
        }

        boolean isReady() {
            return state == VersionState.READY;
        }

        /** Whether the version is or may become able to answer, or still answers. */
        boolean isActive() {
            return state != VersionState.UNAVAILABLE;
        }

        /**
         * Whether the version was taken out of service on purpose, if with requests still in it.
         */
        boolean isLeaving() {
            return state == VersionState.UNLOADING || reason.equals(UNLOADED);
        }

        /** What answers new requests. */
        Optional<ReadyModel> served() {
            return isReady() ? model : Optional.empty();
        }
    }

    /**
     * A model that was to be loaded at some time.
     *
     * @param name its name
     * @param versions its versions, ascending
     * @param newest the highest that is ready
     */
    record Entry(String name, NavigableMap<Long, Version> versions, Optional<ReadyModel> newest) {
        static Entry of(String name, NavigableMap<Long, Version> versions) {
            Optional<ReadyModel> newest =
                    versions.descendingMap().values().stream()
                            .flatMap(version -> version.served().stream())
                            .findFirst();
            return new Entry(name, Collections.unmodifiableNavigableMap(versions), newest);
        }

        boolean isActive() {
            return versions.values().stream().anyMatch(Version::isActive);
        }

        boolean isStaying() {
            return versions.values().stream()
                    .anyMatch(version -> version.isActive() && !version.isLeaving());
        }

        List<Long> readyVersions() {
            return versions.entrySet().stream()
                    .filter(version -> version.getValue().isReady())
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Written under the lock only; volatile hands a finished snapshot to readers.
    private volatile Table table = new Table(Map.of(), Map.of());

    /**
     * All models at one moment.
     *
     * @param byId by identifier
     * @param byName by name, those of the name that count: with namespacing those that answer new
     *     requests or are about to, else those that still answer old ones, else any one
     */
    private record Table(Map<String, Entry> byId, Map<String, List<Entry>> byName) {
        Table with(String id, Entry entry) {
            Map<String, Entry> ids = new HashMap<>(byId);
            ids.put(id, entry);
            List<Entry> all =
                    ids.values().stream().filter(other -> other.name.equals(entry.name)).toList();
            List<Entry> staying = all.stream().filter(Entry::isStaying).toList();
            List<Entry> active = all.stream().filter(Entry::isActive).toList();
            Map<String, List<Entry>> names = new HashMap<>(byName);
            names.put(
                    entry.name,
                    !staying.isEmpty()
                            ? staying
                            : !active.isEmpty() ? active : List.of(all.getFirst()));
            return new Table(Collections.unmodifiableMap(ids), Collections.unmodifiableMap(names));
        }
    }

    /**
     * Makes a model known; without versions until the first transition.
     *
     * @param id its identifier, which all other methods ask for where they do not say "name"
     */
    void register(String id, String name) {
        lock.lock();
        try {
            publish(id, Entry.of(name, versions(id)));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves versions of one model to their next states, all at one moment. The only place where a
     * state changes.
     *
     * @throws IllegalStateException if a version cannot go there from where it is
     */
    void transition(String model, Map<Long, Version> next) {
        lock.lock();
        try {
            NavigableMap<Long, Version> versions = versions(model);
            next.forEach((number, version) -> {
                Version before = versions.put(number, version);
                Optional<VersionState> from = Optional.ofNullable(before).map(Version::state);
                if (!isAllowed(from, version.state())) {
                    throw new IllegalStateException(
                            model
                                    + ":"
                                    + number
                                    + " cannot go from "
                                    + from
                                    + " to "
                                    + version.state());
                }
            });
            publish(model, Entry.of(nameOf(model), versions));
        } finally {
            lock.unlock();
        }
    }

    /** A version's last request has ended; says so unless the version has been loaded anew. */
    void unloaded(String model, long number, ReadyModel drained) {
        lock.lock();
        try {
            Version now = versions(model).get(number);
            if (now != null && now.equals(Version.unloading(drained))) {
                transition(model, Map.of(number, Version.unavailable(UNLOADED)));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no version of any model of a name is loaded, loading or unloading. */
    void awaitNameInactive(String name) {
        lock.lock();
        try {
            while (table.byId.values().stream()
                    .anyMatch(entry -> entry.name.equals(name) && entry.isActive())) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private NavigableMap<Long, Version> versions(String model) {
        return find(model)
                .map(entry -> (NavigableMap<Long, Version>) new TreeMap<>(entry.versions()))
                .orElseGet(TreeMap::new);
    }

    /** Its name; a model that was never registered has that of its identifier. */
    private String nameOf(String model) {
        return find(model).map(Entry::name).orElse(model);
    }

    /** Ends what is LOADING of a model, whose load has stopped for {@code reason}. */
    void abandon(String model, String reason) {
        Map<Long, Version> next = new TreeMap<>();
        find(model)
                .ifPresent(entry ->
                        entry.versions()
                                .forEach((number, version) -> {
                                    if (version.state() == VersionState.LOADING) {
                                        next.put(number, Version.unavailable(reason));
                                    }
                                }));
        if (!next.isEmpty()) {
            transition(model, next);
        }
    }

    @GuardedBy("lock")
    private void publish(String model, Entry entry) {
        table = table.with(model, entry);
        changed.signalAll();
    }

    private static boolean isAllowed(Optional<VersionState> from, VersionState to) {
        if (from.isEmpty()) {
            return to == VersionState.LOADING;
        }
        return switch (from.get()) {
            case LOADING -> to == VersionState.READY || to == VersionState.UNAVAILABLE;
            case READY -> to == VersionState.READY || to == VersionState.UNLOADING;
            case UNLOADING -> to == VersionState.UNAVAILABLE || to == VersionState.LOADING;
            case UNAVAILABLE -> to == VersionState.LOADING;
        };
    }

    /**
     * What answers for this name and version, held for the caller.
     *
     * @throws StatusException NOT_FOUND or UNAVAILABLE if nothing does
     */
    @Owned
    ReadyModel lease(String name, OptionalLong version) {
        return lease(() -> served(name, version));
    }

    /** The same for a model by its identifier. */
    @Owned
    ReadyModel leaseMember(String id, OptionalLong version) {
        return lease(() -> member(id, version));
    }

    private static @Owned ReadyModel lease(Supplier<ReadyModel> found) {
        while (true) {
            ReadyModel ready = found.get();
            if (ready.tryLease()) {
                return ready;
            }
            // Its last hold ended after it was found, so the table says something else by now.
            Thread.onSpinWait();
        }
    }

    /** All models as they are now. */
    Map<String, Entry> snapshot() {
        return table.byId;
    }

    /** Names of all models. */
    SortedSet<String> names() {
        return new TreeSet<>(table.byName.keySet());
    }

    /** A model as it is now. */
    Optional<Entry> find(String model) {
        return Optional.ofNullable(table.byId.get(model));
    }

    /** The model of that name as it is now, if there is one and no other that counts. */
    Optional<Entry> named(String name) {
        List<Entry> entries = table.byName.getOrDefault(name, List.of());
        return entries.size() == 1 ? Optional.of(entries.getFirst()) : Optional.empty();
    }

    /** Versions of a model that are ready, ascending; none if it is not known. */
    List<Long> readyVersions(String model) {
        return find(model).map(Entry::readyVersions).orElseGet(List::of);
    }

    /**
     * What answers for this name and version (validation section 2).
     *
     * @throws StatusException NOT_FOUND or UNAVAILABLE if nothing does, INVALID_ARG if several
     *     repositories have one
     */
    ReadyModel served(String name, OptionalLong version) {
        List<Entry> entries = table.byName.getOrDefault(name, List.of());
        if (entries.isEmpty()) {
            throw unknown(StatusCode.NOT_FOUND, name, "is not found");
        }
        if (entries.size() > 1) {
            throw StatusException.invalidArgument(
                    "There are "
                            + entries.size()
                            + " identifiers of model '"
                            + name
                            + "' in global map, model namespace must be provided to resolve"
                            + " ambiguity.");
        }
        return served(name, entries.getFirst(), version);
    }

    /**
     * What answers for this identifier and version.
     *
     * @throws StatusException NOT_FOUND or UNAVAILABLE if nothing does
     */
    ReadyModel member(String id, OptionalLong version) {
        return served(
                id,
                find(id).orElseThrow(() -> unknown(StatusCode.NOT_FOUND, id, "is not found")),
                version);
    }

    private static ReadyModel served(String name, Entry entry, OptionalLong version) {
        if (version.isEmpty()) {
            if (entry.newest().isPresent()) {
                return entry.newest().get();
            }
            throw unknown(StatusCode.NOT_FOUND, name, "has no available versions");
        }
        Version found = entry.versions().get(version.getAsLong());
        if (found == null) {
            throw unknown(
                    StatusCode.NOT_FOUND, name, "version " + version.getAsLong() + " is not found");
        }
        if (found.served().isPresent()) {
            return found.served().get();
        }
        throw unknown(
                StatusCode.UNAVAILABLE,
                name,
                "version " + version.getAsLong() + " is not at ready state");
    }

    private static StatusException unknown(StatusCode code, String name, String detail) {
        return new StatusException(code, "Request for unknown model: '" + name + "' " + detail);
    }

    /** Whether every known model is ready, versions unloaded on purpose aside. */
    boolean allReady() {
        return table.byId.values().stream().allMatch(ModelLifecycle::isReady);
    }

    private static boolean isReady(Entry entry) {
        Collection<Version> versions = entry.versions().values();
        return !versions.isEmpty()
                && versions.stream().allMatch(version -> version.isReady() || version.isLeaving());
    }
}
