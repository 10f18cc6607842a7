package io.nereid.repository;

import io.nereid.repository.store.StoredObject;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the objects of a model are: the same set of keys, ETags and sizes is the same model, however
 * often and whenever it was written; an object more, less or other is a change.
 *
 * @param contents by path relative to the model's folder
 */
record ModelFingerprint(SortedMap<String, Content> contents) implements ModelRevision {
    /** What an object holds. */
    record Content(String etag, long size) {}

    ModelFingerprint {
        contents = Collections.unmodifiableSortedMap(new TreeMap<>(contents));
    }

    static ModelFingerprint of(RemoteModel model) {
        SortedMap<String, Content> contents = new TreeMap<>();
        model.objects().forEach((path, object) -> contents.put(path, content(object)));
        return new ModelFingerprint(contents);
    }

    private static Content content(StoredObject object) {
        return new Content(object.etag(), object.size());
    }

    @Override
    public boolean isNewerThan(ModelRevision before) {
        return !equals(before);
    }

    /** What is there stays the same until an object changes. */
    @Override
    public ModelRevision changedAt(long nanos) {
        return this;
    }

    @Override
    public boolean hasSameVersion(ModelRevision other, long version, String config) {
        return other instanceof ModelFingerprint fingerprint
                && ofVersion(version, config).equals(fingerprint.ofVersion(version, config));
    }

    private Map<String, Content> ofVersion(long version, String config) {
        return contents.entrySet().stream()
                .filter(object -> ModelRevision.concerns(entry(object.getKey()), version, config))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static String entry(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }
}
