package io.nereid.server.main;

import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The model behind SageMaker's {@code /invocations}: the one that the environment names, else the
 * only one that no ensemble uses. Called on: event loops.
 */
final class DefaultModel {
    private final InferenceServer server;
    private final Optional<String> named;

    /** What {@link #onlyRoot} found when it was first asked after the initial load. */
    private final AtomicReference<Optional<Optional<String>>> found =
            new AtomicReference<>(Optional.empty());

    /**
     * @param named model named by the environment
     */
    DefaultModel(Optional<String> named, InferenceServer server) {
        this.server = server;
        this.named = named;
    }

    /** The model, or empty while models are loading and where several could be meant. */
    Optional<String> get() {
        if (named.isPresent() || !server.isInitialized()) {
            return named;
        }
        return found.updateAndGet(known -> known.isPresent() ? known : Optional.of(onlyRoot()))
                .orElseThrow();
    }

    private Optional<String> onlyRoot() {
        Set<String> names = new TreeSet<>(server.names());
        names.removeIf(name -> server.readyVersions(name).isEmpty());
        Set<String> steps = new HashSet<>();
        names.forEach(name -> steps.addAll(stepsOf(name)));
        names.removeAll(steps);
        return names.size() == 1 ? names.stream().findFirst() : Optional.empty();
    }

    private List<String> stepsOf(String name) {
        List<String> steps = new ArrayList<>();
        try {
            if (server.model(name, OptionalLong.empty()).config().scheduling()
                    instanceof Scheduling.Ensemble ensemble) {
                ensemble.steps().forEach(step -> steps.add(step.modelName()));
            }
        } catch (StatusException unloadedMeanwhile) {
            return List.of();
        }
        return steps;
    }
}
