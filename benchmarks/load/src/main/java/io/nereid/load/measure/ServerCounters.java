package io.nereid.load.measure;

import io.nereid.load.client.ServerApi;
import io.nereid.protocol.StatusException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Asks for the counters of a model and of the models that it asks. */
public final class ServerCounters {
    private final ServerApi api;
    private final String model;
    private final String version;
    private final Set<String> steps;

    /**
     * The counters of a model.
     *
     * @param api borrowed
     * @param version empty for all versions
     * @param steps names of the models that it asks, if it is an ensemble
     */
    public ServerCounters(ServerApi api, String model, String version, Set<String> steps) {
        this.api = api;
        this.model = model;
        this.version = version;
        this.steps = Set.copyOf(steps);
    }

    /** What has been counted so far; empty if the server does not tell, as some servers do not. */
    Optional<ServerSplit> read() {
        try {
            Map<String, ServerSplit> models = new TreeMap<>();
            steps.forEach(step -> models.put(step, ServerSplit.of(api.statistics(step, ""))));
            return Optional.of(ServerSplit.of(api.statistics(model, version)).withSteps(models));
        } catch (StatusException unknown) {
            return Optional.empty();
        }
    }
}
