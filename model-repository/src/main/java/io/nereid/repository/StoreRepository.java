package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.StoreFolder;
import io.nereid.repository.store.StoredObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository in an object store, or one model's folder there. Folders are what keys have in
 * common up to a slash. Listing downloads nothing.
 */
final class StoreRepository implements ModelSource {
    private static final Logger log = LoggerFactory.getLogger(StoreRepository.class);

    private final StoreFolder folder;

    private StoreRepository(StoreFolder folder) {
        this.folder = folder;
    }

    /**
     * A folder that exists.
     *
     * @throws StatusException INTERNAL or NOT_FOUND if the store cannot be asked or has no such
     *     bucket or folder
     */
    static StoreRepository of(StoreFolder folder) {
        if (!folder.exists()) {
            throw new StatusException(
                    StatusCode.NOT_FOUND,
                    "repository path is not a valid directory: no object lies below "
                            + folder.url());
        }
        return new StoreRepository(folder);
    }

    @Override
    public List<ModelLocation> locations() {
        List<StoredObject> objects = folder.list("");
        if (isModel(objects)) {
            String text = folder.url().text();
            String name = text.substring(text.lastIndexOf('/') + 1);
            return List.of(new ModelLocation.Remote(name, RemoteModel.of(folder, "", objects)));
        }
        List<ModelLocation> locations = new ArrayList<>();
        byModel(objects)
                .forEach((name, own) ->
                        locations.add(
                                new ModelLocation.Remote(
                                        name, RemoteModel.of(folder, name + "/", own))));
        return locations;
    }

    /** Whether this is one model's folder: its configuration or a version lies right in it. */
    private boolean isModel(List<StoredObject> objects) {
        return objects.stream()
                .map(this::relative)
                .anyMatch(path -> {
                    int slash = path.indexOf('/');
                    return path.equals(RepositoryPath.CONFIG_FILE)
                            || (slash > 0
                                    && VersionDirectories.number(path.substring(0, slash))
                                            .isPresent()
                                    && BareModels.isUsualFile(path.substring(slash + 1)));
                });
    }

    private SortedMap<String, List<StoredObject>> byModel(List<StoredObject> objects) {
        SortedMap<String, List<StoredObject>> models = new TreeMap<>();
        for (StoredObject object : objects) {
            String path = relative(object);
            int slash = path.indexOf('/');
            if (slash < 0) {
                continue;
            }
            String model = path.substring(0, slash);
            if (RemoteModel.isInside(model)) {
                models.computeIfAbsent(model, _ -> new ArrayList<>()).add(object);
            } else {
                log.error("{}", RemoteModel.refusal(folder, object));
            }
        }
        models.values().removeIf(own -> own.stream().allMatch(StoreRepository::isFolderMark));
        return models;
    }

    private static boolean isFolderMark(StoredObject object) {
        return object.key().endsWith("/");
    }

    private String relative(StoredObject object) {
        return object.key().substring(folder.url().prefix().length());
    }

    @Override
    public boolean is(Path directory) {
        return false;
    }

    @Override
    public String toString() {
        return folder.url().text();
    }
}
