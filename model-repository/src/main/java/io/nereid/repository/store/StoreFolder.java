package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A folder of a store as the repository uses it: patient, with credentials that are read anew, and
 * with a cache. Control threads, several at a time; everything blocks. Closed by {@link
 * ModelStores}.
 */
public final class StoreFolder {
    private static final int MOST_OBJECTS = 1_000_000;

    private final StoreUrl url;
    private final ModelStore store;
    private final ObjectCache cache;
    private final Path staging;
    private final Retries retries;

    StoreFolder(StoreUrl url, ModelStore store, ObjectCache cache, Path staging, Retries retries) {
        this.url = url;
        this.store = store;
        this.cache = cache;
        this.staging = staging;
        this.retries = retries;
    }

    /** The folder's URL. */
    public StoreUrl url() {
        return url;
    }

    /** An object for people: its full URL. */
    public String nameOf(StoredObject object) {
        return url.nameOf(object);
    }

    /** Folder on this machine where files may be put together. */
    public Path staging() {
        return staging;
    }

    /**
     * All objects below a folder of this one, from as many pages as it takes.
     *
     * @param folder its path in this one, ending with a slash; empty for all
     * @throws StatusException NOT_FOUND if there is no such bucket, INTERNAL if the store cannot be
     *     asked
     */
    public List<StoredObject> list(String folder) {
        List<StoredObject> objects = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            ListPage page = page(folder, next);
            objects.addAll(page.objects());
            if (objects.size() > MOST_OBJECTS) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "'" + url + "' holds more than " + MOST_OBJECTS + " objects");
            }
            next = page.next();
        } while (next.isPresent());
        return objects;
    }

    /** Whether the folder is there: a store knows it by its objects alone. */
    public boolean exists() {
        return !page("", Optional.empty()).objects().isEmpty() || url.path().isEmpty();
    }

    private ListPage page(String folder, Optional<String> next) {
        String prefix = url.prefix() + folder;
        try {
            ListPage page = retries.run(() -> store.list(prefix, next));
            for (StoredObject object : page.objects()) {
                if (!object.key().startsWith(prefix)) {
                    throw new StatusException(
                            StatusCode.INTERNAL,
                            "failed to list '"
                                    + url
                                    + "': the store listed '"
                                    + object.key()
                                    + "', which does not lie there");
                }
            }
            return page;
        } catch (StoreException e) {
            throw new StatusException(
                    e.kind() == StoreException.Kind.NOT_FOUND
                            ? StatusCode.NOT_FOUND
                            : StatusCode.INTERNAL,
                    "failed to list '"
                            + url
                            + (folder.isEmpty() ? "" : "/" + folder)
                            + "': "
                            + e.text(),
                    e);
        }
    }

    /**
     * An object's bytes in a file, from the cache if they are there.
     *
     * @throws ObjectChangedException if the object is not what was listed any more
     * @throws StatusException INTERNAL with the object, and the step that failed
     */
    public @Owned CachedObject fetch(StoredObject object) throws ObjectChangedException {
        return cache.fetch(url, store, object);
    }
}
