package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayDeque;
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
 * How far a run has come: its tensors, the steps that can start, those that run. May be used from
 * any thread; calls nothing while it holds its lock. The first failure decides: from then on no
 * step starts and no tensor is kept.
 */
final class RunState {
    /** What the thread that drives a run does next. */
    sealed interface Turn {
        /** Start a step; its inputs, by their names in the step's model, go along. */
        record Launch(EnsembleGraph.Step step, Map<String, RunTensor> inputs) implements Turn {}

        /** Leave: steps are running, and the next one to end goes on. */
        record Pause() implements Turn {}

        /** Answer: nothing runs any more and nothing can be started. */
        record End() implements Turn {}
    }

    private final EnsemblePlan plan;
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
    private ComputeNanos compute = ComputeNanos.NONE;

    @GuardedBy("lock")
    private boolean driven;

    @GuardedBy("lock")
    private @Nullable StatusException failure;

    /**
     * @param stepCount number of steps of the graph, needed or not
     */
    RunState(EnsemblePlan plan, int stepCount) {
        this.plan = plan;
        this.tensors = new RunTensors(plan, stepCount);
    }

    /** Keeps references of its own to those tensors that are needed and not there yet. */
    void keep(Map<String, RunTensor> named) {
        lock.lock();
        try {
            named.forEach((name, tensor) -> {
                if (failure == null && isAwaited(name)) {
                    ready.addAll(tensors.put(name, tensor.retain()));
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** Notes that those of the tensors that are not there yet will never be. */
    void leaveEmpty(Iterable<String> names) {
        lock.lock();
        try {
            for (String name : names) {
                if (failure == null && isAwaited(name)) {
                    ready.addAll(tensors.leaveEmpty(name));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean isAwaited(String name) {
        return plan.usesOf(name) > 0 && !tensors.isSettled(name);
    }

    /** Makes the caller the thread that drives the run, unless there is one. */
    boolean tryDrive() {
        lock.lock();
        try {
            boolean free = !driven;
            driven = true;
            return free;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the driving thread does next. After a pause it drives no longer; after the end nobody
     * will.
     */
    Turn nextTurn(boolean cancelled) {
        lock.lock();
        try {
            if (failure == null && cancelled) {
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

    @GuardedBy("lock")
    private @Owned Map<String, RunTensor> takeInputs(EnsembleGraph.Step step) {
        Map<String, RunTensor> inputs = new LinkedHashMap<>();
        step.inputs()
                .forEach((input, name) ->
                        tensors.take(name).ifPresent(tensor -> inputs.put(input, tensor)));
        return inputs;
    }

    /** The request of a step is about to be sent. */
    void sending(InferenceRequest request) {
        lock.lock();
        try {
            inFlight.add(request);
        } finally {
            lock.unlock();
        }
    }

    /** The request of a step has ended. */
    void answered(InferenceRequest request) {
        lock.lock();
        try {
            inFlight.remove(request);
        } finally {
            lock.unlock();
        }
    }

    /** Requests of steps that have not ended. */
    List<InferenceRequest> inFlight() {
        lock.lock();
        try {
            return List.copyOf(inFlight);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A step has ended, well or not.
     *
     * @param nanos what its execution took
     */
    void stepEnded(ComputeNanos nanos) {
        lock.lock();
        try {
            runningSteps--;
            compute = compute.plus(nanos);
        } finally {
            lock.unlock();
        }
    }

    /** What the executions of the steps that have ended took together. */
    ComputeNanos compute() {
        lock.lock();
        try {
            return compute;
        } finally {
            lock.unlock();
        }
    }

    /** Notes a failure. */
    void fail(StatusException status) {
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

    /** The failure, if there was one. */
    Optional<StatusException> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the outputs that are there, by name; everything else is given up. */
    @Owned
    Map<String, RunTensor> takeOutputs() {
        Map<String, RunTensor> outputs = new LinkedHashMap<>();
        List<RunTensor> rest;
        lock.lock();
        try {
            for (String name : plan.outputs()) {
                tensors.take(name).ifPresent(tensor -> outputs.put(name, tensor));
            }
            rest = tensors.takeRest();
        } finally {
            lock.unlock();
        }
        rest.forEach(RunTensor::close);
        return outputs;
    }
}
