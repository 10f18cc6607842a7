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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A graph of models as one model (schedulers section 14). Has no thread: steps follow one another
 * on the threads that end them, and tensors go from step to step by reference. What is on its way
 * is bounded: requests of the ensemble, requests of each step if the configuration says so ({@code
 * max_inflight_requests}), tensors of decoupled steps that one request holds.
 *
 * <p>The models of the steps are held as long as the ensemble is open. Whoever keeps an ensemble
 * open for a request thereby keeps everything that the request will ask, also of ensembles inside
 * it, and the graph never meets other configurations than those that it was checked against. An
 * ensemble whose step's model changes is therefore opened anew.
 */
public final class EnsembleScheduler implements Model {
    private static final Logger log = LoggerFactory.getLogger(EnsembleScheduler.class);
    private static final String FULL = "Exceeds maximum queue size";
    private static final String STOPPING =
            "Server is stopping, scheduler for model has stopped accepting new inference requests";

    private final Ensemble ensemble;
    private final EnsemblePlan planForAllOutputs;
    private final InFlight inFlight;

    /**
     * Checks the graph against the models that are ready now. Called on: control threads.
     *
     * @param config configuration with {@code ensemble_scheduling}
     * @param models look-up from name and version to a model that is ready, held for the caller;
     *     throws StatusException with the text of validation section 2 if there is none. Called
     *     once for each step
     * @param listener told of the ensemble's own requests and what each step took; their steps'
     *     requests are told of by their models
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     * @throws StatusException INVALID_ARG with a text of schedulers section 14.2; what the look-up
     *     throws
     */
    public EnsembleScheduler(
            ModelConfig config,
            long version,
            BiFunction<String, OptionalLong, ModelLease> models,
            ExecutionListener listener,
            LongSupplier nanoTime) {
        this(config, version, models, listener, nanoTime, RunLimits.DEFAULT);
    }

    EnsembleScheduler(
            ModelConfig config,
            long version,
            BiFunction<String, OptionalLong, ModelLease> models,
            ExecutionListener listener,
            LongSupplier nanoTime,
            RunLimits limits) {
        StepModels stepModels = new StepModels(models);
        EnsembleGraph graph = graph(config, stepModels);
        this.ensemble =
                new Ensemble(
                        graph,
                        version,
                        graph.steps().stream().map(stepModels::describe).toList(),
                        stepModels,
                        slots(config, graph.steps().size()),
                        limits,
                        listener,
                        nanoTime);
        this.planForAllOutputs = EnsemblePlan.of(graph, config.outputs().keySet());
        this.inFlight = new InFlight(limits.maxRuns());
    }

    private static Optional<StepSlots<EnsembleRun>> slots(ModelConfig config, int stepCount) {
        long limit =
                Integer.toUnsignedLong(
                        config.message().getEnsembleScheduling().getMaxInflightRequests());
        if (limit == 0) {
            return Optional.empty();
        }
        log.info(
                "Ensemble model '{}' configured with max_inflight_requests: {}",
                config.name(),
                limit);
        return Optional.of(new StepSlots<>(stepCount, (int) Math.min(limit, Integer.MAX_VALUE)));
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
        return ensemble.graph().config();
    }

    @Override
    public long version() {
        return ensemble.version();
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        switch (inFlight.enter()) {
            case LET_IN ->
                    new EnsembleRun(
                                    ensemble,
                                    planFor(request.requestedOutputs()),
                                    request,
                                    sender,
                                    inFlight::leave)
                            .start();
            case FULL -> refuse(request, sender, FULL);
            case SHUT -> refuse(request, sender, STOPPING);
        }
    }

    /** Waits for the requests that are on their way, and lets the models of the steps go. */
    @Override
    public void close() {
        inFlight.closeAndAwait();
        ensemble.models().close();
    }

    /** What the errors of this ensemble's steps begin with. */
    static String prefix(ModelConfig ensemble) {
        return "in ensemble '" + ensemble.name() + "', ";
    }

    private EnsemblePlan planFor(Set<String> outputs) {
        return outputs.size() == config().outputs().size()
                ? planForAllOutputs
                : EnsemblePlan.of(ensemble.graph(), outputs);
    }

    private static void refuse(
            @Owned InferenceRequest request, ResponseSender sender, String reason) {
        String text = request.idPrefix() + reason;
        request.close();
        sender.fail(new StatusException(StatusCode.UNAVAILABLE, text));
    }
}
