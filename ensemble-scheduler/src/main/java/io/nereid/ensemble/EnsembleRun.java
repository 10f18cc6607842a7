package io.nereid.ensemble;

import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.EnsembleStep;
import io.nereid.backend.Model;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way through an ensemble (schedulers section 14.3).
 *
 * <p>Runs on the threads that end its steps. One of them at a time drives it: hands requests to the
 * next models, which only queue them, and sends responses. Others leave their results and go. That
 * keeps the stack flat when a model answers at once, keeps responses in order, and lets models be
 * called without a lock. A run that gives a slot to another one drives it afterwards, not from
 * within, for the same reason.
 */
final class EnsembleRun implements StepSlots.Waiter {
    private static final Logger log = LoggerFactory.getLogger(EnsembleRun.class);
    private static final String DEADLOCK =
            "unexpected deadlock, at least one output is not set while no more ensemble steps can"
                    + " be made";

    private final Ensemble ensemble;
    private final EnsemblePlan plan;
    private final InferenceRequest parent;
    private final ResponseSender sender;
    private final Runnable onEnd;
    private final RunReport report;
    private final SequenceMark mark;
    private final RunState state;
    private final Optional<RunTimings> timings;

    /**
     * A request that arrives now.
     *
     * @param parent closed by {@link #start}
     * @param onEnd called after the answer
     */
    EnsembleRun(
            Ensemble ensemble,
            EnsemblePlan plan,
            @Owned InferenceRequest parent,
            ResponseSender sender,
            Runnable onEnd) {
        this.ensemble = ensemble;
        this.plan = plan;
        this.parent = parent;
        this.sender = sender;
        this.onEnd = onEnd;
        this.report = new RunReport(ensemble.listener(), ensemble.nanoTime(), parent.batchSize());
        this.mark = SequenceMark.of(parent);
        this.state = new RunState(ensemble, plan, this);
        this.timings = RunTimings.of(parent, report.arrivalNanos());
    }

    /** Takes the request's inputs over and starts the first steps. */
    void start() {
        parent.trace().queued(report.arrivalNanos());
        Map<String, RunTensor> inputs = new LinkedHashMap<>();
        for (Tensor input : parent.inputs()) {
            inputs.put(input.name(), new RunTensor(input, parent.batchSize(), mark));
        }
        state.begin(inputs, ensemble.graph().config().inputs().keySet(), report.begun());
        parent.close();
        parent.onCancel(() -> {
            fail(Cancellations.statusOf(parent));
            drive();
        });
        drive();
    }

    /** Notes a failure; what is still on its way is of no use to anybody. */
    private void fail(StatusException status) {
        state.fail(status).forEach(request -> Cancellations.cancel(parent, request));
    }

    @Override
    public boolean granted(int step) {
        return state.granted(step);
    }

    /** Does what can be done, unless another thread does. */
    private void drive() {
        if (ensemble.slots().isEmpty()) {
            driveAlone(_ -> {});
            return;
        }
        Queue<EnsembleRun> runs = new ArrayDeque<>(2);
        runs.add(this);
        for (EnsembleRun run = runs.poll(); run != null; run = runs.poll()) {
            run.driveAlone(runs::add);
        }
    }

    /**
     * @param others takes runs that can go on because of what this one did
     */
    private void driveAlone(Consumer<EnsembleRun> others) {
        if (!state.tryDrive()) {
            return;
        }
        while (true) {
            switch (state.nextTurn()) {
                case RunState.Turn.Start(var launch, var inputs) -> launch(launch, inputs);
                case RunState.Turn.Release(int step) ->
                        ensemble.slots().orElseThrow().give(step, others);
                case RunState.Turn.Respond(var outputs, var last) -> {
                    if (respond(outputs, last)) {
                        onEnd.run();
                        return;
                    }
                }
                case RunState.Turn.Pause _ -> {
                    return;
                }
                case RunState.Turn.End _ -> {
                    end();
                    onEnd.run();
                    return;
                }
            }
        }
    }

    private void launch(Launch launch, @Owned Map<String, RunTensor> inputs) {
        EnsembleGraph.Step step = launch.step();
        Model model = ensemble.models().of(step);
        SequenceMark stepMark = mark.replacedByAny(inputs.values());
        InferenceRequest request;
        try {
            request = StepRequests.open(parent, stepMark, step, plan, inputs, model);
        } catch (StatusException e) {
            fail(e);
            state.abandoned(launch);
            return;
        }
        // Without a bound nothing lies between readiness and start.
        long start = ensemble.slots().isEmpty() ? launch.readyNanos() : now();
        StepSender stepSender = new StepSender(this, launch, request, stepMark, start);
        if (state.sending(launch, request)) {
            Cancellations.cancel(parent, request);
        }
        request.trace().started(request);
        model.infer(request, stepSender);
    }

    /**
     * Sends a response.
     *
     * @return whether that ended the run
     */
    private boolean respond(@Owned Map<String, RunTensor> outputs, boolean last) {
        if (!isDecoupled() && outputs.size() < plan.outputs().size()) {
            outputs.values().forEach(RunTensor::close);
            fail(deadlock());
            return false;
        }
        if (outputs.isEmpty()) {
            return false;
        }
        SequenceMark changed = mark.replacedByAny(outputs.values());
        List<Tensor> shaped = new ArrayList<>(outputs.size());
        try {
            outputs.forEach((name, output) -> shaped.add(output.asOutput(name, config())));
        } catch (StatusException e) {
            outputs.values().forEach(RunTensor::close);
            fail(e);
            return false;
        }
        if (isDecoupled()) {
            report.responded(DecoupledResponse.Kind.SUCCESS);
        }
        if (last) {
            // Tensors for responses that the other outputs have no part of.
            state.close();
            succeeded();
        }
        sender.send(
                new InferenceResponse(
                        parent.id(),
                        ensemble.name(),
                        ensemble.version(),
                        parameters(changed),
                        shaped),
                last);
        return last;
    }

    private Map<String, Parameter> parameters(SequenceMark changed) {
        if (timings.isEmpty()) {
            return changed.parameters();
        }
        Map<String, Parameter> parameters = new LinkedHashMap<>(changed.parameters());
        parameters.put(RunTimings.PARAMETER, new Parameter.StringValue(timings.get().take(now())));
        return parameters;
    }

    private void end() {
        state.close();
        Optional<StatusException> failure = state.failure();
        if (failure.isEmpty() && !isDecoupled()) {
            failure = Optional.of(deadlock());
        }
        if (failure.isPresent()) {
            failed(failure.get());
        } else {
            report.responded(DecoupledResponse.Kind.EMPTY);
            succeeded();
            sender.complete();
        }
    }

    private void succeeded() {
        ComputeNanos compute = state.compute();
        parent.computed(compute);
        report.succeeded(compute);
    }

    private void failed(StatusException failure) {
        boolean cancelled = Cancellations.explains(parent, failure);
        if (isDecoupled()) {
            report.responded(
                    cancelled ? DecoupledResponse.Kind.CANCEL : DecoupledResponse.Kind.FAIL);
        }
        report.failed();
        sender.fail(
                cancelled
                        ? Cancellations.statusOf(parent)
                        : failure.withPrefix(EnsembleScheduler.prefix(config())));
    }

    private StatusException deadlock() {
        return StatusException.invalidArgument(parent.idPrefix() + DEADLOCK);
    }

    private boolean isDecoupled() {
        return config().decoupled();
    }

    private ModelConfig config() {
        return ensemble.graph().config();
    }

    private long now() {
        return ensemble.nanoTime().getAsLong();
    }

    // From the steps.

    /** A response of a step, borrowed. */
    void answered(StepSender step, InferenceResponse response) {
        Launch launch = step.launch();
        if (isLate(launch)) {
            return;
        }
        step.request().trace().responded(response);
        long now = now();
        if (timings.isPresent()) {
            if (ensemble.isEnsemble(launch.step())) {
                step.keepNested(response);
            }
            if (plan.isDecoupled(launch.step())) {
                timings.get().add(step.timing(stepOf(launch), now));
            }
        }
        try {
            state.answered(launch, step.outputs(response), now);
        } catch (StatusException e) {
            fail(e);
        }
    }

    /** A step will go on to respond. */
    void goOn() {
        drive();
    }

    /** A step has ended well. */
    void ended(StepSender step) {
        Launch launch = step.launch();
        if (isLate(launch)) {
            return;
        }
        step.request().trace().ended(Optional.empty());
        long now = now();
        StepTiming timing = step.timing(stepOf(launch), now);
        ensemble.listener()
                .stepped(timing.step(), timing.queueNanos(), timing.compute(), timing.totalNanos());
        if (timings.isPresent() && !plan.isDecoupled(launch.step())) {
            timings.get().add(timing);
        }
        state.ended(launch, timing.compute(), now);
        drive();
    }

    /** A step has failed. */
    void failed(StepSender step, StatusException status) {
        Launch launch = step.launch();
        if (isLate(launch)) {
            return;
        }
        step.request().trace().ended(Optional.of(status));
        state.failed(launch, status).forEach(request -> Cancellations.cancel(parent, request));
        drive();
    }

    private boolean isLate(Launch launch) {
        boolean late = !state.isInFlight(launch);
        if (late) {
            log.debug(
                    "model '{}' answers a request of ensemble '{}' that it has ended",
                    launch.step().modelName(),
                    ensemble.name());
        }
        return late;
    }

    private EnsembleStep stepOf(Launch launch) {
        return ensemble.steps().get(launch.step().index());
    }
}
