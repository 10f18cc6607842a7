package io.nereid.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.ModelStores;
import io.nereid.repository.store.StoreUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The repositories, those given at start and those that were registered since, and where in them
 * models lie. Listing blocks; may be used by several control threads.
 */
final class ModelDirectories {
    private static final Logger log = LoggerFactory.getLogger(ModelDirectories.class);

    /**
     * Where a model lies.
     *
     * @param repository path of the repository; empty for what came with a load request
     * @param namespace of the model
     * @param name of the model
     */
    record Place(String repository, String namespace, String name, ModelLocation location) {}

    /**
     * What was found.
     *
     * @param places by identifier of the model; several if it is not unique
     * @param unreadable why repositories could not be listed, by path
     */
    record Found(SortedMap<String, List<Place>> places, SortedMap<String, String> unreadable) {
        /** Identifiers of the models of that name; several only with namespacing. */
        SortedSet<String> idsOf(String name) {
            return places.entrySet().stream()
                    .filter(found -> found.getValue().getFirst().name().equals(name))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private final List<ModelSource> paths;
    private final boolean namespacing;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Path, Map<String, String>> registered = new LinkedHashMap<>();

    @GuardedBy("lock")
    private final Map<String, String> otherNames = new LinkedHashMap<>();

    /**
     * @param namespacing whether each repository is a namespace
     */
    ModelDirectories(List<? extends ModelSource> paths, boolean namespacing) {
        this.paths = List.copyOf(paths);
        this.namespacing = namespacing;
    }

    /**
     * The repositories that a server is given at start.
     *
     * @param stores opens those that lie in stores; borrowed
     * @throws StatusException if a path does not exist or is nothing that can be served
     */
    static ModelDirectories of(RepositoryOptions options, ModelStores stores) {
        return new ModelDirectories(
                new TreeSet<>(options.paths()).stream().map(path -> source(path, stores)).toList(),
                options.namespacing());
    }

    private static ModelSource source(String path, ModelStores stores) {
        Optional<StoreUrl> url = StoreUrl.of(path);
        return url.isPresent()
                ? StoreRepository.of(stores.open(url.get()))
                : RepositoryPath.of(Path.of(path));
    }

    /** Lists all repositories as they are now; one that cannot be read is logged. */
    Found find() {
        Found found = new Found(new TreeMap<>(), new TreeMap<>());
        for (ModelSource path : paths) {
            try {
                path.locations().forEach(location -> add(found, path.toString(), location));
            } catch (StatusException e) {
                unreadable(found, path.toString(), e);
            }
        }
        registrations()
                .forEach((path, names) -> {
                    try {
                        mapped(path, names)
                                .forEach(location -> add(found, path.toString(), location));
                    } catch (StatusException e) {
                        unreadable(found, path.toString(), e);
                    }
                });
        return found;
    }

    private void add(Found found, String repository, ModelLocation location) {
        Place place =
                new Place(repository, namespacing ? repository : "", nameOf(location), location);
        found.places()
                .computeIfAbsent(
                        ModelId.of(place.namespace(), place.name()), _ -> new ArrayList<>())
                .add(place);
    }

    private static void unreadable(Found found, String path, StatusException reason) {
        log.error("failed to poll model repository '{}': {}", path, reason.text());
        found.unreadable().put(path, reason.text());
    }

    private static List<ModelLocation> mapped(Path path, Map<String, String> names) {
        return Directories.subdirectories(path).stream()
                .map(directory -> {
                    Path place = path.resolve(directory);
                    String name = names.get(directory);
                    return name == null
                            ? (ModelLocation) new ModelLocation.Member(directory, place)
                            : new ModelLocation.Mapped(name, place);
                })
                .toList();
    }

    private Map<Path, Map<String, String>> registrations() {
        lock.lock();
        try {
            return new LinkedHashMap<>(registered);
        } finally {
            lock.unlock();
        }
    }

    private String nameOf(ModelLocation location) {
        lock.lock();
        try {
            return location instanceof ModelLocation.Member
                    ? location.name()
                    : otherNames.getOrDefault(location.origin(), location.name());
        } finally {
            lock.unlock();
        }
    }

    /** A model that is a repository by itself turned out to be called otherwise. */
    void rename(ModelLocation location, String name) {
        lock.lock();
        try {
            otherNames.put(location.origin(), name);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a repository.
     *
     * @param names names of models by the names of their directories, where they differ
     * @throws StatusException NOT_FOUND if there is no such directory, ALREADY_EXISTS if it is a
     *     repository already or a name is taken
     */
    void register(Path repository, Map<String, String> names) {
        Path path = repository.toAbsolutePath().normalize();
        lock.lock();
        try {
            if (registered.containsKey(path) || paths.stream().anyMatch(given -> given.is(path))) {
                throw new StatusException(
                        StatusCode.ALREADY_EXISTS,
                        "model repository '" + repository + "' has already been registered");
            }
            if (!Files.isDirectory(path)) {
                throw new StatusException(
                        StatusCode.NOT_FOUND,
                        "failed to register '" + repository + "', repository not found");
            }
            for (String name : names.values()) {
                if (registered.values().stream().anyMatch(other -> other.containsValue(name))) {
                    throw new StatusException(
                            StatusCode.ALREADY_EXISTS,
                            "failed to register '"
                                    + name
                                    + "', there is a conflicting mapping for '"
                                    + name
                                    + "'");
                }
            }
            registered.put(path, Collections.unmodifiableMap(new TreeMap<>(names)));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a registered repository out.
     *
     * @throws StatusException NOT_FOUND if it is none
     */
    void unregister(Path repository) {
        lock.lock();
        try {
            if (registered.remove(repository.toAbsolutePath().normalize()) == null) {
                throw new StatusException(
                        StatusCode.NOT_FOUND,
                        "failed to unregister '" + repository + "', repository not found");
            }
        } finally {
            lock.unlock();
        }
    }
}
