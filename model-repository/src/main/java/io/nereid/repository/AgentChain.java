package io.nereid.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusException;
import io.nereid.repository.agent.AttendedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agents that attend one load of a model (repository section 17), counted by those that need
 * what the model was read from: the load, the repository while it knows the model, and every
 * version that was opened. The last of them ends it: with LOAD_FAIL, or with UNLOAD, unless that
 * was said before, and UNLOAD_COMPLETE. Used by control threads; agents are called outside of the
 * lock.
 */
final class AgentChain implements AutoCloseable {
    /** No agents. */
    static final AgentChain NONE = new AgentChain();

    private static final Logger log = LoggerFactory.getLogger(AgentChain.class);

    private enum State {
        LOADING,
        LOADED,
        UNLOADING
    }

    private final Optional<ModelLocation.OnDisk> origin;
    private final Optional<Path> directory;
    private final List<AttendedModel> agents;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private State state = State.LOADING;

    @GuardedBy("lock")
    private int holds = 1;

    @GuardedBy("lock")
    private int serving;

    private AgentChain() {
        this.origin = Optional.empty();
        this.directory = Optional.empty();
        this.agents = List.of();
    }

    /**
     * Begins with one hold.
     *
     * @param origin where the model, or its copy, was before
     * @param directory where the agents have it
     */
    AgentChain(ModelLocation.OnDisk origin, Path directory, List<AttendedModel> agents) {
        this.origin = Optional.of(origin);
        this.directory = Optional.of(directory);
        this.agents = List.copyOf(agents);
    }

    /** Where a model was before the agents came that is read from there. */
    ModelLocation.OnDisk place(ModelLocation.OnDisk location) {
        return origin.orElse(location);
    }

    /** Where a model is read from. */
    ModelLocation.OnDisk location(ModelLocation.OnDisk place) {
        if (directory.isEmpty() || directory.get().equals(place.directory())) {
            return place;
        }
        Path moved = directory.get();
        return switch (place) {
            case ModelLocation.Member member -> new ModelLocation.Member(member.name(), moved);
            case ModelLocation.Mapped mapped -> new ModelLocation.Mapped(mapped.name(), moved);
            case ModelLocation.Alone alone -> new ModelLocation.Alone(alone.name(), moved);
            case ModelLocation.Bare bare ->
                    new ModelLocation.Bare(bare.name(), moved, bare.file(), bare.config());
        };
    }

    /** Adds a hold, which {@link #close} ends; false if the last one has ended already. */
    boolean tryRetain() {
        synchronized (lock) {
            holds += holds == 0 || agents.isEmpty() ? 0 : 1;
            return holds > 0;
        }
    }

    /** Adds a hold; the caller knows of another one. */
    AgentChain retain() {
        if (!tryRetain()) {
            throw new IllegalStateException(origin + " has been left by its agents");
        }
        return this;
    }

    /** The model is in service; agents are told once. */
    void loadComplete() {
        if (advance(State.LOADING, State.LOADED)) {
            tell(agents.reversed(), "LOAD_COMPLETE", AttendedModel::loadComplete);
        }
    }

    /** A version was opened: it holds this, and {@link #outOfService} is to be called for it. */
    AgentChain opened() {
        AgentChain held = retain();
        synchronized (lock) {
            serving++;
        }
        return held;
    }

    /** A version has gone out of service; agents are told with the last one. */
    void outOfService() {
        boolean last;
        synchronized (lock) {
            serving--;
            last = serving == 0;
        }
        if (last) {
            unload();
        }
    }

    private void unload() {
        if (advance(State.LOADED, State.UNLOADING)) {
            tell(agents, "UNLOAD", AttendedModel::unload);
        }
    }

    /** Ends a hold. */
    @Override
    public void close() {
        if (agents.isEmpty() || !isLast()) {
            return;
        }
        if (advance(State.LOADING, State.UNLOADING)) {
            tell(agents.reversed(), "LOAD_FAIL", AttendedModel::loadFailed);
        } else {
            unload();
            tell(agents.reversed(), "UNLOAD_COMPLETE", AttendedModel::unloadComplete);
        }
    }

    private boolean isLast() {
        synchronized (lock) {
            if (holds == 0) {
                throw new IllegalStateException(origin + " is released more than once");
            }
            holds--;
            return holds == 0;
        }
    }

    private boolean advance(State from, State to) {
        synchronized (lock) {
            boolean due = state == from;
            state = due ? to : state;
            return due;
        }
    }

    private void tell(List<AttendedModel> order, String action, Consumer<AttendedModel> telling) {
        for (AttendedModel agent : order) {
            boolean _ =
                    ControlThreads.run(
                            () -> {
                                telling.accept(agent);
                                return true;
                            },
                            (StatusException failure) -> {
                                log.error(
                                        "repo agent of model '{}' failed in {}: {}",
                                        origin.map(ModelLocation::name).orElse(""),
                                        action,
                                        failure.describe(),
                                        failure);
                                return false;
                            });
        }
    }
}
