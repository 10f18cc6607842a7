package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
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
 * any thread; while it holds its lock it calls nothing but the slots that runs share. The first
 * failure decides: from then on no step starts and no tensor is kept.
 */
final class RunState {
    /** What the thread that drives a run does next. */
    sealed interface Turn {
        /** Start a step; its inputs, by their names in the step's model, go along. */
        record Start(Launch launch, Map<String, RunTensor> inputs) implements Turn {}

        /** Send a response; the last one ends the run. */
        record Respond(Map<String, RunTensor> outputs, boolean last) implements Turn {}

        /** Give a slot of a step back. */
        record Release(int step) implements Turn {}

        /** Leave: steps are running or wait, and the next event goes on. */
        record Pause() implements Turn {}

        /** End: nothing runs any more and nothing can be started. */
        record End() implements Turn {}
    }

    private final EnsemblePlan plan;
    private final RunLimits limits;
    private final boolean decoupled;
    private final boolean limited;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Wave root;

    /** What waves of decoupled steps hold. */
    private final HeldMeter meter = new HeldMeter();

    /** Waves of decoupled steps that hold tensors. */
    @GuardedBy("lock")
    private final Set<Wave> waves = new HashSet<>();

    /** Steps that have responded before, for decoupled ones. */
    @GuardedBy("lock")
    private final Set<Integer> responded = new HashSet<>();

    @GuardedBy("lock")
    private final Outbox outbox;

    @GuardedBy("lock")
    private final WaitingLaunches<EnsembleRun> launches;

    /** Requests of steps that have not ended. */
    @GuardedBy("lock")
    private final Map<Launch, InferenceRequest> inFlight = new HashMap<>();

    /** Steps whose slots are to be given back. */
    @GuardedBy("lock")
    private final Queue<Integer> released = new ArrayDeque<>(1);

    @GuardedBy("lock")
    private int runningSteps;

    @GuardedBy("lock")
    private ComputeNanos compute = ComputeNanos.NONE;

    @GuardedBy("lock")
    private boolean driven;

    @GuardedBy("lock")
    private @Nullable StatusException failure;

    /**
     * @param run stands in line for slots
     */
    RunState(Ensemble ensemble, EnsemblePlan plan, EnsembleRun run) {
        this.plan = plan;
        this.limits = ensemble.limits();
        this.decoupled = ensemble.graph().config().decoupled();
        this.limited = ensemble.slots().isPresent();
        this.root = new Wave(plan, DecoupledOrigins.NONE, true, new HeldMeter());
        this.outbox = new Outbox(plan);
        this.launches = new WaitingLaunches<>(ensemble.slots(), run);
        outbox.add(root);
    }

    /**
     * The request's inputs.
     *
     * @param inputs borrowed; references of its own are kept of those that are needed
     * @param all names of all inputs; those that are not given stay empty
     */
    void begin(Map<String, RunTensor> inputs, Set<String> all, long now) {
        lock.lock();
        try {
            keep(root, inputs, now);
            leaveEmpty(root, all, now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A response of a step.
     *
     * @param outputs borrowed, as above
     * @throws StatusException UNSUPPORTED if it is one too many; UNAVAILABLE if the run would hold
     *     too much
     */
    void answered(Launch launch, Map<String, RunTensor> outputs, long now) {
        lock.lock();
        try {
            if (failure != null || !inFlight.containsKey(launch)) {
                return;
            }
            EnsembleGraph.Step step = launch.step();
            if (plan.isDecoupled(step)) {
                Wave wave = newWave(step);
                keep(wave, outputs, now);
                leaveEmpty(wave, step.outputs().values(), now);
            } else if (launch.firstAnswer()) {
                keep(launch.wave(), outputs, now);
            } else {
                throw new StatusException(
                        StatusCode.UNSUPPORTED,
                        "model '" + step.modelName() + "' answered more than once");
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Wave newWave(EnsembleGraph.Step step) {
        if (meter.tensors() >= limits.maxTensors() || meter.bytes() >= limits.maxBytes()) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "Exceeds maximum queue size: the steps after model '"
                            + step.modelName()
                            + "' are too slow, "
                            + meter.tensors()
                            + " tensors of its responses wait");
        }
        boolean first = responded.add(step.index());
        Wave wave = new Wave(plan, step.index(), first || !plan.answersOnce(), meter);
        if (first || !plan.answersOnce()) {
            outbox.add(wave);
        }
        return wave;
    }

    @GuardedBy("lock")
    private void keep(Wave wave, Map<String, RunTensor> named, long now) {
        named.forEach((name, tensor) -> {
            if (wave.awaits(name)) {
                ready(wave, wave.put(name, tensor.retain()), now);
            }
        });
        if (wave != root && !wave.isEmpty()) {
            waves.add(wave);
        }
    }

    @GuardedBy("lock")
    private void leaveEmpty(Wave wave, Iterable<String> names, long now) {
        for (String name : names) {
            if (wave.awaits(name)) {
                ready(wave, wave.leaveEmpty(name), now);
            }
        }
    }

    @GuardedBy("lock")
    private void ready(Wave wave, List<EnsembleGraph.Step> steps, long now) {
        steps.forEach(step -> launches.add(new Launch(step, wave, now)));
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
    Turn nextTurn() {
        lock.lock();
        try {
            if (!released.isEmpty()) {
                return new Turn.Release(released.remove());
            }
            Optional<Launch> next = launches.poll();
            if (next.isPresent()) {
                runningSteps++;
                return new Turn.Start(next.get(), takeInputs(next.get()));
            }
            boolean idle = runningSteps == 0 && launches.isEmpty();
            if (failure == null && outbox.isReady() && (decoupled || idle)) {
                Map<String, RunTensor> outputs = outbox.take(waves);
                return new Turn.Respond(outputs, idle && !outbox.isReady());
            }
            if (!idle) {
                driven = false;
                return new Turn.Pause();
            }
            return new Turn.End();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private @Owned Map<String, RunTensor> takeInputs(Launch launch) {
        Wave wave = launch.wave();
        Map<String, RunTensor> inputs = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<String, String> entry : launch.step().inputs().entrySet()) {
            Optional<RunTensor> tensor = wave.take(entry.getValue());
            if (tensor.isPresent()) {
                inputs.put(entry.getKey(), tensor.get());
                bytes += tensor.get().byteSize();
            }
        }
        launch.hold(bytes);
        forgetIfEmpty(wave);
        return inputs;
    }

    @GuardedBy("lock")
    private void forgetIfEmpty(Wave wave) {
        if (wave != root && wave.isEmpty()) {
            waves.remove(wave);
        }
    }

    /**
     * The request of a step is about to be sent.
     *
     * @return whether the run has failed meanwhile
     */
    boolean sending(Launch launch, InferenceRequest request) {
        lock.lock();
        try {
            inFlight.put(launch, request);
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** A step is over that has no request, or none any more. */
    void abandoned(Launch launch) {
        lock.lock();
        try {
            over(launch);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the request of a step is on its way. */
    boolean isInFlight(Launch launch) {
        lock.lock();
        try {
            return inFlight.containsKey(launch);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A step has ended well.
     *
     * @param nanos what its execution took
     */
    void ended(Launch launch, ComputeNanos nanos, long now) {
        lock.lock();
        try {
            compute = compute.plus(nanos);
            if (failure == null && !plan.isDecoupled(launch.step())) {
                leaveEmpty(launch.wave(), launch.step().outputs().values(), now);
            }
            inFlight.remove(launch);
            over(launch);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void over(Launch launch) {
        runningSteps--;
        launch.release();
        if (limited) {
            released.add(launch.step().index());
        }
    }

    /**
     * The run's turn has come in the line of a step; false if it needs no slot because it has
     * failed.
     */
    boolean granted(int step) {
        lock.lock();
        try {
            if (failure != null) {
                launches.grantedTooLate();
                return false;
            }
            launches.granted(step);
            return true;
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

    /**
     * A step has failed, and the run with it unless it had failed before.
     *
     * @return as {@link #fail}
     */
    List<InferenceRequest> failed(Launch launch, StatusException status) {
        lock.lock();
        try {
            inFlight.remove(launch);
        } finally {
            lock.unlock();
        }
        List<InferenceRequest> useless = fail(status);
        // Only now, so that nobody finds the run at its end without a failure.
        abandoned(launch);
        return useless;
    }

    /**
     * Notes a failure, if it is the first: nothing is started or kept any more.
     *
     * @return the requests of steps that are on their way, for which nobody waits any more
     */
    List<InferenceRequest> fail(StatusException status) {
        List<InferenceRequest> useless;
        List<RunTensor> rest;
        lock.lock();
        try {
            if (failure != null) {
                return List.of();
            }
            failure = status;
            useless = List.copyOf(inFlight.values());
            released.addAll(launches.clear());
            rest = takeRest();
        } finally {
            lock.unlock();
        }
        rest.forEach(RunTensor::close);
        return useless;
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

    /** Gives up what is still held. */
    void close() {
        List<RunTensor> rest;
        lock.lock();
        try {
            rest = takeRest();
        } finally {
            lock.unlock();
        }
        rest.forEach(RunTensor::close);
    }

    @GuardedBy("lock")
    private @Owned List<RunTensor> takeRest() {
        List<RunTensor> rest = new ArrayList<>(root.takeRest());
        waves.forEach(wave -> rest.addAll(wave.takeRest()));
        waves.clear();
        outbox.clear();
        return rest;
    }
}
