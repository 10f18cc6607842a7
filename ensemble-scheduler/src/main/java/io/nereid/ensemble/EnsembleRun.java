package io.nereid.ensemble;

import io.nereid.backend.Model;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request on its way through an ensemble (schedulers section 14.3).
 *
 * <p>Runs on the threads that end its steps. One of them at a time drives it: hands requests to the
 * next models, which only queue them. Others leave their results and go. That keeps the stack flat
 * when a model answers at once, and lets models be called without a lock.
 */
final class EnsembleRun {
    private static final String DEADLOCK =
            "unexpected deadlock, at least one output is not set while no more ensemble steps can"
                    + " be made";

    private final EnsembleGraph graph;
    private final EnsemblePlan plan;
    private final long version;
    private final StepModels models;
    private final InferenceRequest parent;
    private final ResponseSender sender;
    private final RunReport report;
    private final Runnable onEnd;
    private final SequenceMark mark;
    private final RunState state;

    /**
     * @param models the models that the steps ask, held at least until {@code onEnd}
     * @param parent closed by {@link #start}
     * @param report told of the end, before the answer
     * @param onEnd called after the answer
     */
    EnsembleRun(
            EnsembleGraph graph,
            EnsemblePlan plan,
            long version,
            StepModels models,
            @Owned InferenceRequest parent,
            ResponseSender sender,
            RunReport report,
            Runnable onEnd) {
        this.graph = graph;
        this.plan = plan;
        this.version = version;
        this.models = models;
        this.parent = parent;
        this.sender = sender;
        this.report = report;
        this.onEnd = onEnd;
        this.mark = SequenceMark.of(parent);
        this.state = new RunState(plan, graph.steps().size());
    }

    /** Takes the request's inputs over and starts the first steps. */
    void start() {
        Map<String, RunTensor> inputs = new LinkedHashMap<>();
        for (Tensor input : parent.inputs()) {
            inputs.put(input.name(), new RunTensor(input, parent.batchSize(), mark));
        }
        state.keep(inputs);
        state.leaveEmpty(graph.config().inputs().keySet());
        parent.close();
        parent.onCancel(() -> state.inFlight().forEach(this::cancel));
        report.begun();
        drive();
    }

    /** Starts what can be started, unless another thread does, and answers when all is done. */
    private void drive() {
        if (!state.tryDrive()) {
            return;
        }
        while (true) {
            switch (state.nextTurn(parent.isCancelled())) {
                case RunState.Turn.Launch(var step, var inputs) -> launch(step, inputs);
                case RunState.Turn.Pause _ -> {
                    return;
                }
                case RunState.Turn.End _ -> {
                    answer();
                    return;
                }
            }
        }
    }

    private void launch(EnsembleGraph.Step step, @Owned Map<String, RunTensor> inputs) {
        Model model = models.of(step);
        SequenceMark stepMark = mark.replacedByAny(inputs.values());
        InferenceRequest request;
        try {
            request = StepRequests.open(parent, stepMark, step, plan, inputs, model);
        } catch (StatusException e) {
            state.fail(e);
            state.stepEnded(ComputeNanos.NONE);
            return;
        }
        StepSender stepSender = new StepSender(step, request, stepMark);
        state.sending(request);
        cancel(request);
        request.trace().started(request);
        model.infer(request, stepSender);
    }

    /** Asks a step for the end that the whole has come to, if it has. */
    private void cancel(InferenceRequest step) {
        parent.cancellation().ifPresent(step::cancel);
    }

    private void answer() {
        Optional<StatusException> failure = state.failure();
        Map<String, RunTensor> outputs = state.takeOutputs();
        if (failure.isEmpty() && outputs.size() < plan.outputs().size()) {
            failure = Optional.of(StatusException.invalidArgument(parent.idPrefix() + DEADLOCK));
        }
        if (failure.isPresent()) {
            outputs.values().forEach(RunTensor::close);
            fail(failure.get());
        } else {
            respond(outputs);
        }
        onEnd.run();
    }

    private void respond(@Owned Map<String, RunTensor> outputs) {
        SequenceMark last = mark.replacedByAny(outputs.values());
        List<Tensor> shaped = new ArrayList<>(outputs.size());
        try {
            outputs.forEach((name, output) -> shaped.add(output.asOutput(name, graph.config())));
        } catch (StatusException e) {
            outputs.values().forEach(RunTensor::close);
            fail(e);
            return;
        }
        ComputeNanos compute = state.compute();
        parent.computed(compute);
        report.succeeded(compute);
        sender.send(
                new InferenceResponse(
                        parent.id(), graph.config().name(), version, last.parameters(), shaped),
                true);
    }

    private void fail(StatusException status) {
        report.failed();
        sender.fail(failureOf(status));
    }

    private StatusException failureOf(StatusException status) {
        Optional<StatusException> cancelled =
                parent.cancellation()
                        .filter(reason ->
                                status.code() == StatusCode.CANCELLED
                                        || status.code() == reason.code());
        if (cancelled.isPresent()) {
            return cancelled.get();
        }
        return status.withPrefix(EnsembleScheduler.prefix(graph.config()));
    }

    /** The way back from one step. */
    private final class StepSender implements ResponseSender {
        private final EnsembleGraph.Step step;
        private final InferenceRequest request;
        private final long batchSize;
        private final SequenceMark stepMark;
        private boolean answered;

        StepSender(EnsembleGraph.Step step, InferenceRequest request, SequenceMark stepMark) {
            this.step = step;
            this.request = request;
            this.batchSize = request.batchSize();
            this.stepMark = stepMark;
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            try {
                if (answered) {
                    // Only a model that became decoupled after the ensemble was loaded does this.
                    throw new StatusException(
                            StatusCode.UNSUPPORTED,
                            "model '" + step.modelName() + "' answered more than once");
                }
                answered = true;
                request.trace().responded(response);
                state.keep(outputs(response));
            } catch (StatusException e) {
                state.fail(e);
            } finally {
                response.close();
            }
            if (last) {
                end(Optional.empty());
            }
        }

        @Override
        public void complete() {
            end(Optional.empty());
        }

        @Override
        public void fail(StatusException status) {
            state.fail(status);
            end(Optional.of(status));
        }

        private Map<String, RunTensor> outputs(InferenceResponse response) {
            SequenceMark changed = stepMark.changedBy(response.parameters());
            Map<String, RunTensor> outputs = new LinkedHashMap<>();
            for (Tensor output : response.outputs()) {
                String name = step.outputs().get(output.name());
                if (name != null) {
                    outputs.put(name, new RunTensor(output, batchSize, changed));
                }
            }
            return outputs;
        }

        private void end(Optional<StatusException> failure) {
            request.trace().ended(failure);
            state.answered(request);
            state.leaveEmpty(step.outputs().values());
            state.stepEnded(request.compute());
            drive();
        }
    }
}
