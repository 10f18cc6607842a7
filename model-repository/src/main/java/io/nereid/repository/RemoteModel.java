package io.nereid.repository;

import io.nereid.protocol.StatusException;
import io.nereid.repository.store.StoreFolder;
import io.nereid.repository.store.StoredObject;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model in a store, as it was listed.
 *
 * @param repository the folder that it was found in
 * @param path its own folder in that one, ending with a slash; empty if it is that one
 * @param objects its objects by path relative to its folder
 * @param refusal why it cannot be put on a disk, if it cannot
 */
record RemoteModel(
        StoreFolder repository,
        String path,
        SortedMap<String, StoredObject> objects,
        Optional<String> refusal) {

    RemoteModel {
        objects = Collections.unmodifiableSortedMap(new TreeMap<>(objects));
    }

    /**
     * A model of listed objects. Those that stand for folders, with names that end with a slash,
     * are left out (repository section 16).
     *
     * @param listed objects whose keys begin with the model's folder
     */
    static RemoteModel of(StoreFolder repository, String path, List<StoredObject> listed) {
        int from = repository.url().prefix().length() + path.length();
        SortedMap<String, StoredObject> objects = new TreeMap<>();
        Optional<String> refusal = Optional.empty();
        for (StoredObject object : listed) {
            String relative = object.key().substring(from);
            if (relative.isEmpty() || relative.endsWith("/")) {
                continue;
            }
            if (!isInside(relative)) {
                refusal = Optional.of(refusal(repository, object));
            }
            objects.put(relative, object);
        }
        return new RemoteModel(
                repository, path, objects, refusal.or(() -> nested(repository, objects)));
    }

    /** Whether a path, put on a disk, lies in the folder that it is relative to. */
    static boolean isInside(String relative) {
        return relative.indexOf('\0') < 0
                && Arrays.stream(relative.split("/", -1))
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    /** Says that an object's key cannot be the path of a file. */
    static String refusal(StoreFolder repository, StoredObject object) {
        return "refused object '"
                + repository.nameOf(object)
                + "': its key does not name a file inside of the model directory";
    }

    /** A store may hold {@code a} and {@code a/b}, a disk may not. */
    private static Optional<String> nested(
            StoreFolder repository, SortedMap<String, StoredObject> objects) {
        return objects.entrySet().stream()
                .filter(object -> {
                    String below = object.getKey() + "/";
                    SortedMap<String, StoredObject> after = objects.tailMap(below);
                    return !after.isEmpty() && after.firstKey().startsWith(below);
                })
                .findFirst()
                .map(object ->
                        "refused object '"
                                + repository.nameOf(object.getValue())
                                + "': other keys use it as a directory");
    }

    /** Its URL. */
    String origin() {
        return path.isEmpty()
                ? repository.url().text()
                : repository.url().text() + "/" + path.substring(0, path.length() - 1);
    }

    /**
     * The same model as it is now.
     *
     * @throws StatusException if the store cannot be asked
     */
    RemoteModel listedAnew() {
        return of(repository, path, repository.list(path));
    }
}
