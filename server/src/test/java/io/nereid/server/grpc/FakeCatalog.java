package io.nereid.server.grpc;

import io.nereid.backend.Model;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelCatalog;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A catalogue of models that are all ready. */
final class FakeCatalog implements ModelCatalog {
    private final Map<String, NavigableMap<Long, Model>> models = new ConcurrentHashMap<>();
    private volatile boolean allReady = true;

    void add(Model model) {
        models.computeIfAbsent(model.config().name(), _ -> new TreeMap<>())
                .put(model.version(), model);
    }

    void setAllReady(boolean ready) {
        allReady = ready;
    }

    @Override
    public Model model(String name, OptionalLong version) {
        NavigableMap<Long, Model> versions = models.get(name);
        if (versions == null) {
            throw unknown("'" + name + "' is not found");
        }
        if (version.isEmpty()) {
            return versions.lastEntry().getValue();
        }
        Model model = versions.get(version.getAsLong());
        if (model == null) {
            throw unknown("'" + name + "' version " + version.getAsLong() + " is not found");
        }
        return model;
    }

    private static StatusException unknown(String detail) {
        return new StatusException(StatusCode.NOT_FOUND, "Request for unknown model: " + detail);
    }

    @Override
    public List<Long> readyVersions(String name) {
        NavigableMap<Long, Model> versions = models.get(name);
        return versions == null ? List.of() : List.copyOf(versions.keySet());
    }

    @Override
    public boolean allReady() {
        return allReady;
    }

    @Override
    public List<IndexEntry> index() {
        return List.of();
    }
}
