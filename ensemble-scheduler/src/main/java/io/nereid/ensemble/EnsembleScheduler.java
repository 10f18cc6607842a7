package io.nereid.ensemble;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A graph of models as one model (schedulers section 14). Has no thread: steps follow one another
 * on the threads that end them, and tensors go from step to step by reference.
 *
 * <p>The models of the steps are held as long as the ensemble is open. Whoever keeps an ensemble
 * open for a request thereby keeps everything that the request will ask, also of ensembles inside
 * it, and the graph never meets other configurations than those that it was checked against. An
 * ensemble whose step's model changes is therefore opened anew.
 */
public final class EnsembleScheduler implements Model {
    private static final Logger log = LoggerFactory.getLogger(EnsembleScheduler.class);

    private final EnsembleGraph graph;
    private final EnsemblePlan planForAllOutputs;
    private final long version;
    private final StepModels models;
    private final ExecutionListener listener;
    private final LongSupplier nanoTime;
    private final InFlight inFlight = new InFlight();

    /**
     * Checks the graph against the models that are ready now. Called on: control threads.
     *
     * @param config configuration with {@code ensemble_scheduling}
     * @param models look-up from name and version to a model that is ready, held for the caller;
     *     throws StatusException with the text of validation section 2 if there is none. Called
     *     once for each step
     * @param listener told of the ensemble's own requests; their steps are told of by their models
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     * @throws StatusException INVALID_ARG with a text of schedulers section 14.2; UNSUPPORTED for a
     *     decoupled step; what the look-up throws
     */
    public EnsembleScheduler(
            ModelConfig config,
            long version,
            BiFunction<String, OptionalLong, ModelLease> models,
            ExecutionListener listener,
            LongSupplier nanoTime) {
        this.models = new StepModels(models);
        this.graph = graph(config, this.models);
        this.planForAllOutputs = EnsemblePlan.of(graph, config.outputs().keySet());
        this.version = version;
        this.listener = listener;
        this.nanoTime = nanoTime;
        if (config.message().getEnsembleScheduling().getMaxInflightRequests() != 0) {
            log.warn(
                    "model '{}': max_inflight_requests is not honoured yet, the number of requests"
                            + " per step is not limited",
                    config.name());
        }
    }

    private static EnsembleGraph graph(ModelConfig config, StepModels models) {
        boolean checked = false;
        try {
            EnsembleGraph graph = EnsembleGraph.of(config, models::take);
            checked = true;
            return graph;
        } finally {
            if (!checked) {
                models.close();
            }
        }
    }

    @Override
    public ModelConfig config() {
        return graph.config();
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        if (!inFlight.tryEnter()) {
            refuse(
                    request,
                    sender,
                    new StatusException(
                            StatusCode.UNAVAILABLE,
                            request.idPrefix()
                                    + "Server is stopping, scheduler for model has stopped"
                                    + " accepting new inference requests"));
            return;
        }
        RunReport report = new RunReport(listener, nanoTime, request.batchSize());
        request.trace().queued(report.arrival());
        new EnsembleRun(
                        graph,
                        planFor(request.requestedOutputs()),
                        version,
                        models,
                        request,
                        sender,
                        report,
                        inFlight::leave)
                .start();
    }

    /** Waits for the requests that are on their way, and lets the models of the steps go. */
    @Override
    public void close() {
        inFlight.closeAndAwait();
        models.close();
    }

    /** What the errors of this ensemble's steps begin with. */
    static String prefix(ModelConfig ensemble) {
        return "in ensemble '" + ensemble.name() + "', ";
    }

    private EnsemblePlan planFor(Set<String> outputs) {
        return outputs.size() == graph.config().outputs().size()
                ? planForAllOutputs
                : EnsemblePlan.of(graph, outputs);
    }

    private static void refuse(
            @Owned InferenceRequest request, ResponseSender sender, StatusException status) {
        request.close();
        sender.fail(status);
    }
}
