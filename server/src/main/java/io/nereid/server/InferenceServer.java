package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RequestTrace;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelCatalog;
import io.nereid.server.health.Readiness;
import io.nereid.server.statistics.ModelStatistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door behind all front ends: looks models up, checks requests and hands them on. Methods
 * never block and may be called on any thread; front ends call them on event loops.
 */
public final class InferenceServer {
    private static final Logger log = LoggerFactory.getLogger(InferenceServer.class);

    private enum State {
        INITIALIZING,
        READY,
        /** Serves as before, and says that it is not ready. */
        DRAINING,
        EXITING
    }

    private final ServerMetadata metadata;
    private final ModelCatalog catalog;
    private final TensorAllocator allocator;
    private final Admission admission;
    private final Readiness readiness;
    private final ServerExtensions extensions;
    private final ControlTasks tasks;
    private final AtomicReference<State> state = new AtomicReference<>(State.INITIALIZING);
    private final AtomicLong inFlight = new AtomicLong();
    private final CompletableFuture<Void> stopAsked = new CompletableFuture<>();

    /**
     * @param readiness what readiness asks for
     * @param tasks runs what blocks; stays the caller's
     */
    public InferenceServer(
            ServerMetadata metadata,
            ModelCatalog catalog,
            TensorAllocator allocator,
            Admission admission,
            Readiness readiness,
            ServerExtensions extensions,
            ControlTasks tasks) {
        this.metadata = metadata;
        this.catalog = catalog;
        this.allocator = allocator;
        this.admission = admission;
        this.readiness = readiness;
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

    /**
     * Called when the server is to stop soon: from now on it is not ready, so that no new clients
     * are sent to it, and serves those that come. Does nothing if it stops already.
     */
    public void draining() {
        if (!state.compareAndSet(State.READY, State.DRAINING)) {
            state.compareAndSet(State.INITIALIZING, State.DRAINING);
        }
    }

    /** Asks whoever runs the server to stop it; from now on it is {@link #draining}. */
    public void askToStop() {
        draining();
        stopAsked.complete(null);
    }

    /** Completes when somebody has asked that the server be stopped. */
    public CompletableFuture<Void> stopAsked() {
        return stopAsked.copy();
    }

    /** Called when the server begins to stop. */
    public void exiting() {
        state.set(State.EXITING);
    }

    /** Whether the server stops, or is to. */
    public boolean isStopping() {
        State now = state.get();
        return now == State.DRAINING || now == State.EXITING;
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
     * Whether the initial load is done and, with strict readiness, every model is ready and none
     * hangs.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} while stopping, and before
     */
    public boolean isReady() {
        requireNotStopping();
        return state.get() == State.READY
                && (!readiness.strict() || catalog.allReady())
                && readiness.allWork();
    }

    /**
     * Refuses if it is only an instance that hangs which keeps the server from being ready.
     *
     * @throws StatusException UNAVAILABLE naming the instance
     */
    public void requireWorking() {
        readiness.requireWorking();
    }

    /**
     * Refuses for a model that no more requests should be sent to.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException NOT_FOUND or UNAVAILABLE with the text of validation section 2,
     *     UNAVAILABLE if the server stops or an instance hangs
     */
    public void requireReady(String name, OptionalLong version) {
        requireReady();
        requireNotStopping();
        readiness.requireWorking(model(name, version));
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
     * The model that answers for this name and version, kept open for a request, which counts as in
     * flight from now on.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException as {@link Admission#enter} and {@link #model}
     */
    public @Owned AdmittedLease lease(String name, OptionalLong version) {
        return lease(admission.enter(), name, version);
    }

    /**
     * The same for a request that was admitted before.
     *
     * @param place of the request
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException as {@link #model}
     */
    public @Owned AdmittedLease lease(
            @Owned Admission.Place place, String name, OptionalLong version) {
        boolean leased = false;
        try {
            ModelLease lease = catalog.lease(name, version);
            leased = true;
            return new AdmittedLease(lease, place);
        } finally {
            if (!leased) {
                place.close();
            }
        }
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
        State now = state.get();
        if (now != State.READY && now != State.DRAINING) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server not ready");
        }
    }

    /**
     * Checks a request against the model and hands it on. Every outcome goes to {@code sender}.
     *
     * @param lease of the model, from {@link #lease}; ended when the request has been answered
     */
    public void infer(
            @Owned AdmittedLease lease, @Owned InferenceRequest request, ResponseSender sender) {
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
            logFailure(model, request.id(), request.trace(), e);
            request.close();
            lease.close();
            sender.fail(e);
            return;
        }
        inFlight.incrementAndGet();
        request.trace().started(request);
        model.infer(request, new CountingSender(sender, lease, request));
    }

    private void requireNotStopping() {
        if (isStopping()) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
        }
    }

    private static void logFailure(
            Model model, String id, RequestTrace trace, StatusException status) {
        log.atDebug()
                .addKeyValue("request_id", id)
                .addKeyValue("trace_id", trace.traceId())
                .log("request to model '{}' failed: {}", model.config().name(), status.text());
    }

    private void requireNotExiting() {
        if (state.get() == State.EXITING) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
        }
    }

    /**
     * Tells a request's trace of its answers. When it ends, takes it out of the count of those in
     * flight and lets its model go.
     */
    private final class CountingSender implements ResponseSender {
        private final ResponseSender next;
        private final AdmittedLease lease;
        private final String id;
        private final RequestTrace trace;

        CountingSender(ResponseSender next, @Owned AdmittedLease lease, InferenceRequest request) {
            this.next = next;
            this.lease = lease;
            this.id = request.id();
            this.trace = request.trace();
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            trace.responded(response);
            if (last) {
                trace.ended(Optional.empty());
                lease.leave();
            }
            next.send(response, last);
            if (last) {
                end();
            }
        }

        @Override
        public void complete() {
            trace.ended(Optional.empty());
            lease.leave();
            next.complete();
            end();
        }

        @Override
        public void fail(StatusException status) {
            trace.ended(Optional.of(status));
            lease.leave();
            logFailure(lease.model(), id, trace, status);
            next.fail(admission.told(status));
            end();
        }

        private void end() {
            lease.close();
            inFlight.decrementAndGet();
        }
    }
}
