package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an ensemble (schedulers section 14.3).
 *
 * <p>Runs on the threads that end its steps. One of them at a time drives it: hands requests to the
 * next models, which only queue them. Others leave their results and go. That keeps the stack flat
 * when a model answers at once, and lets models be called without the lock.
 */
final class EnsembleRun {
    private static final String DEADLOCK =
            "unexpected deadlock, at least one output is not set while no more ensemble steps can"
                    + " be made";

    private final EnsembleGraph graph;
    private final EnsemblePlan plan;
    private final long version;
    private final List<Model> models;
    private final InferenceRequest parent;
    private final ResponseSender sender;
    private final Runnable onEnd;
    private final SequenceMark mark;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final RunTensors tensors;

    @GuardedBy("lock")
    private final Queue<EnsembleGraph.Step> ready = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Set<InferenceRequest> inFlight = new HashSet<>();

    @GuardedBy("lock")
    private int runningSteps;

    @GuardedBy("lock")
    private boolean driven;

    @GuardedBy("lock")
    private @Nullable StatusException failure;

    /** What the driving thread does next. */
    private sealed interface Turn {
        /** Start a step; its inputs go along. */
        record Launch(EnsembleGraph.Step step, Map<String, RunTensor> inputs) implements Turn {}

        /** Leave: steps are running, and the next one to end goes on. */
        record Pause() implements Turn {}

        /** Answer: nothing runs any more and nothing can be started. */
        record End() implements Turn {}
    }

    /**
     * @param models the models that the steps ask, by the steps' position
     * @param parent closed by {@link #start}
     * @param onEnd called after the answer
     */
    EnsembleRun(
            EnsembleGraph graph,
            EnsemblePlan plan,
            long version,
            List<Model> models,
            @Owned InferenceRequest parent,
            ResponseSender sender,
            Runnable onEnd) {
        this.graph = graph;
        this.plan = plan;
        this.version = version;
        this.models = models;
        this.parent = parent;
        this.sender = sender;
        this.onEnd = onEnd;
        this.mark = SequenceMark.of(parent);
        this.tensors = new RunTensors(plan, graph.steps().size());
    }

    /** Takes the request's inputs over and starts the first steps. */
    void start() {
        lock.lock();
        try {
            for (String input : graph.config().inputs().keySet()) {
                Optional<Tensor> given = parent.input(input);
                if (given.isPresent() && plan.usesOf(input) > 0) {
                    RunTensor tensor =
                            new RunTensor(given.get().retain(), parent.batchSize(), mark);
                    ready.addAll(tensors.put(input, tensor));
                } else {
                    ready.addAll(tensors.leaveEmpty(input));
                }
            }
        } finally {
            lock.unlock();
        }
        parent.close();
        parent.onCancel(this::cancel);
        drive();
    }

    private void cancel() {
        List<InferenceRequest> requests;
        lock.lock();
        try {
            requests = List.copyOf(inFlight);
        } finally {
            lock.unlock();
        }
        requests.forEach(InferenceRequest::cancel);
    }

    /** Starts what can be started, unless another thread does, and answers when all is done. */
    private void drive() {
        lock.lock();
        try {
            if (driven) {
                return;
            }
            driven = true;
        } finally {
            lock.unlock();
        }
        while (true) {
            switch (nextTurn()) {
                case Turn.Launch(EnsembleGraph.Step step, Map<String, RunTensor> inputs) ->
                        launch(step, inputs);
                case Turn.Pause _ -> {
                    return;
                }
                case Turn.End _ -> {
                    answer();
                    return;
                }
            }
        }
    }

    private Turn nextTurn() {
        lock.lock();
        try {
            if (failure == null && parent.isCancelled()) {
                failure = new StatusException(StatusCode.CANCELLED, "");
            }
            if (failure == null && !ready.isEmpty()) {
                EnsembleGraph.Step step = ready.remove();
                runningSteps++;
                return new Turn.Launch(step, takeInputs(step));
            }
            if (runningSteps > 0) {
                driven = false;
                return new Turn.Pause();
            }
            return new Turn.End();
        } finally {
            lock.unlock();
        }
    }

    /** Inputs by their names in the step's model; empty tensors are left out. */
    @GuardedBy("lock")
    private @Owned Map<String, RunTensor> takeInputs(EnsembleGraph.Step step) {
        Map<String, RunTensor> inputs = new LinkedHashMap<>();
        step.inputs()
                .forEach((input, name) ->
                        tensors.take(name).ifPresent(tensor -> inputs.put(input, tensor)));
        return inputs;
    }

    private void launch(EnsembleGraph.Step step, @Owned Map<String, RunTensor> inputs) {
        Model model = models.get(step.index());
        SequenceMark stepMark = mark.replacedByAny(inputs.values());
        InferenceRequest request;
        try {
            request = StepRequests.open(parent, stepMark, step, plan, inputs, model.config());
        } catch (StatusException e) {
            stepEnded(step, Optional.of(e));
            return;
        }
        long batchSize = request.batchSize();
        lock.lock();
        try {
            inFlight.add(request);
        } finally {
            lock.unlock();
        }
        if (parent.isCancelled()) {
            request.cancel();
        }
        model.infer(request, new StepSender(step, request, batchSize, stepMark));
    }

    private void received(
            EnsembleGraph.Step step,
            long batchSize,
            SequenceMark stepMark,
            @Owned InferenceResponse response) {
        try {
            SequenceMark changed = stepMark.changedBy(response.parameters());
            lock.lock();
            try {
                for (Tensor output : response.outputs()) {
                    keep(step, new RunTensor(output, batchSize, changed));
                }
            } finally {
                lock.unlock();
            }
        } catch (StatusException e) {
            fail(e);
        } finally {
            response.close();
        }
    }

    /** Keeps a reference of its own to an output that is needed. */
    @GuardedBy("lock")
    private void keep(EnsembleGraph.Step step, RunTensor output) {
        String name = step.outputs().get(output.tensor().name());
        if (failure == null && name != null && plan.usesOf(name) > 0 && !tensors.isSettled(name)) {
            ready.addAll(tensors.put(name, output.retain()));
        }
    }

    private void stepEnded(EnsembleGraph.Step step, Optional<StatusException> status) {
        status.ifPresent(this::fail);
        lock.lock();
        try {
            runningSteps--;
            for (String name : step.outputs().values()) {
                if (failure == null && plan.usesOf(name) > 0 && !tensors.isSettled(name)) {
                    ready.addAll(tensors.leaveEmpty(name));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(StatusException status) {
        List<RunTensor> rest = List.of();
        lock.lock();
        try {
            if (failure == null) {
                failure = status;
                rest = tensors.takeRest();
            }
        } finally {
            lock.unlock();
        }
        rest.forEach(RunTensor::close);
    }

    private void answer() {
        Optional<StatusException> status;
        Map<String, RunTensor> outputs = new LinkedHashMap<>();
        List<RunTensor> rest;
        lock.lock();
        try {
            status = Optional.ofNullable(failure);
            for (String name : plan.outputs()) {
                tensors.take(name).ifPresent(tensor -> outputs.put(name, tensor));
            }
            rest = tensors.takeRest();
        } finally {
            lock.unlock();
        }
        rest.forEach(RunTensor::close);
        if (status.isEmpty() && outputs.size() < plan.outputs().size()) {
            status = Optional.of(StatusException.invalidArgument(parent.idPrefix() + DEADLOCK));
        }
        if (status.isPresent()) {
            outputs.values().forEach(RunTensor::close);
            sender.fail(failureOf(status.get()));
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
            sender.fail(failureOf(e));
            return;
        }
        sender.send(
                new InferenceResponse(
                        parent.id(), graph.config().name(), version, last.parameters(), shaped),
                true);
    }

    private StatusException failureOf(StatusException status) {
        if (parent.isCancelled() && status.code() == StatusCode.CANCELLED) {
            return new StatusException(StatusCode.CANCELLED, "");
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

        StepSender(
                EnsembleGraph.Step step,
                InferenceRequest request,
                long batchSize,
                SequenceMark stepMark) {
            this.step = step;
            this.request = request;
            this.batchSize = batchSize;
            this.stepMark = stepMark;
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            if (answered) {
                // Only a model that became decoupled after the ensemble was loaded does this.
                response.close();
                EnsembleRun.this.fail(
                        new StatusException(
                                StatusCode.UNSUPPORTED,
                                "model '" + step.modelName() + "' answered more than once"));
            } else {
                answered = true;
                received(step, batchSize, stepMark, response);
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
            end(Optional.of(status));
        }

        private void end(Optional<StatusException> status) {
            lock.lock();
            try {
                inFlight.remove(request);
            } finally {
                lock.unlock();
            }
            stepEnded(step, status);
            drive();
        }
    }
}
