package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelCatalog;
import io.nereid.server.statistics.ModelStatistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one door behind all front ends: looks models up, checks requests and hands them on. Methods
 * never block and may be called on any thread; front ends call them on event loops.
 */
public final class InferenceServer {
    private enum State {
        INITIALIZING,
        READY,
        EXITING
    }

    private final ServerMetadata metadata;
    private final ModelCatalog catalog;
    private final TensorAllocator allocator;
    private final Admission admission;
    private final boolean strictReadiness;
    private final ServerExtensions extensions;
    private final ControlTasks tasks;
    private final AtomicReference<State> state = new AtomicReference<>(State.INITIALIZING);
    private final AtomicLong inFlight = new AtomicLong();

    /**
     * @param strictReadiness whether readiness asks for every model to be ready
     * @param tasks runs what blocks; stays the caller's
     */
    public InferenceServer(
            ServerMetadata metadata,
            ModelCatalog catalog,
            TensorAllocator allocator,
            Admission admission,
            boolean strictReadiness,
            ServerExtensions extensions,
            ControlTasks tasks) {
        this.metadata = metadata;
        this.catalog = catalog;
        this.allocator = allocator;
        this.admission = admission;
        this.strictReadiness = strictReadiness;
        this.extensions = extensions;
        this.tasks = tasks;
    }

    /** What the server says of itself. */
    public ServerMetadata metadata() {
        return metadata;
    }

    /** Memory for request bodies and answers. */
    public TensorAllocator allocator() {
        return allocator;
    }

    /** Room for request bodies. */
    public Admission admission() {
        return admission;
    }

    /** What the protocol's extensions work on. */
    public ServerExtensions extensions() {
        return extensions;
    }

    /** Runs what blocks. */
    public ControlTasks tasks() {
        return tasks;
    }

    /**
     * What models have done, by name, then version (http section 7).
     *
     * @param name a model; empty for all
     * @param version a version of it; empty for all that are ready
     * @throws StatusException UNAVAILABLE or INVALID_ARG with the texts of http section 7
     */
    public List<ModelStatistics> statistics(String name, OptionalLong version) {
        requireReady();
        Collection<String> names = name.isEmpty() ? catalog.names() : List.of(name);
        List<ModelStatistics> all = new ArrayList<>();
        for (String each : names) {
            for (long ready : catalog.readyVersions(each)) {
                if (version.isEmpty() || version.getAsLong() == ready) {
                    readyModel(each, ready).map(extensions.statistics()::of).ifPresent(all::add);
                }
            }
        }
        if (all.isEmpty() && !name.isEmpty()) {
            throw StatusException.invalidArgument(
                    version.isPresent() && !catalog.readyVersions(name).isEmpty()
                            ? "requested model version is not available for model '" + name + "'"
                            : "requested model '" + name + "' is not available");
        }
        return all;
    }

    /** A version that may be unloaded between two looks. */
    private Optional<Model> readyModel(String name, long version) {
        try {
            return Optional.of(catalog.model(name, OptionalLong.of(version)));
        } catch (StatusException unloaded) {
            return Optional.empty();
        }
    }

    /** Called once the initial models have been loaded or have failed. */
    public void initialized() {
        state.compareAndSet(State.INITIALIZING, State.READY);
    }

    /** Whether the initial models have been loaded or have failed. */
    public boolean isInitialized() {
        return state.get() != State.INITIALIZING;
    }

    /** Called when the server begins to stop. */
    public void exiting() {
        state.set(State.EXITING);
    }

    /** Requests that were accepted and have not ended. */
    public long inFlight() {
        return inFlight.get();
    }

    /**
     * Whether the process works.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} while stopping
     */
    public boolean isLive() {
        requireNotExiting();
        return true;
    }

    /**
     * Whether the initial load is done and, with strict readiness, every model is ready.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} while stopping
     */
    public boolean isReady() {
        requireNotExiting();
        return state.get() == State.READY && (!strictReadiness || catalog.allReady());
    }

    /**
     * The model that answers for this name and version, for a look at what it is: it may be closed
     * at any time.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException NOT_FOUND or UNAVAILABLE with the text of validation section 2
     */
    public Model model(String name, OptionalLong version) {
        return catalog.model(name, version);
    }

    /**
     * The model that answers for this name and version, kept open for a request.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException as {@link #model}
     */
    public @Owned ModelLease lease(String name, OptionalLong version) {
        return catalog.lease(name, version);
    }

    /** Names of the models that were ever loaded or tried, sorted. */
    public SortedSet<String> names() {
        return catalog.names();
    }

    /** Versions of a model that are ready, ascending. */
    public List<Long> readyVersions(String name) {
        return catalog.readyVersions(name);
    }

    /** The repository index. Blocks: called on control threads, see {@link #tasks}. */
    public List<IndexEntry> index() {
        return catalog.index();
    }

    /**
     * Refuses what needs a server in state READY: metadata, configuration.
     *
     * @throws StatusException UNAVAILABLE {@code Server not ready}
     */
    public void requireReady() {
        if (state.get() != State.READY) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server not ready");
        }
    }

    /**
     * Checks a request against the model and hands it on. Every outcome goes to {@code sender}.
     *
     * @param lease of the model, from {@link #lease}; ended when the request has been answered
     */
    public void infer(
            @Owned ModelLease lease, @Owned InferenceRequest request, ResponseSender sender) {
        Model model = lease.model();
        try {
            model.config().validator().validate(request);
            if (state.get() == State.INITIALIZING) {
                throw new StatusException(StatusCode.UNAVAILABLE, "Server not ready");
            }
            if (state.get() == State.EXITING) {
                SequenceStarts.refuse(model.config(), request);
            }
        } catch (StatusException e) {
            request.close();
            lease.close();
            sender.fail(e);
            return;
        }
        inFlight.incrementAndGet();
        model.infer(request, new CountingSender(sender, lease));
    }

    private void requireNotExiting() {
        if (state.get() == State.EXITING) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
        }
    }

    /** When a request ends, takes it out of the count of those in flight and lets its model go. */
    private final class CountingSender implements ResponseSender {
        private final ResponseSender next;
        private final ModelLease lease;

        CountingSender(ResponseSender next, @Owned ModelLease lease) {
            this.next = next;
            this.lease = lease;
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            next.send(response, last);
            if (last) {
                end();
            }
        }

        @Override
        public void complete() {
            next.complete();
            end();
        }

        @Override
        public void fail(StatusException status) {
            next.fail(status);
            end();
        }

        private void end() {
            lease.close();
            inFlight.decrementAndGet();
        }
    }
}
