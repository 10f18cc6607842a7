package io.nereid.ensemble;

import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one run that belong together: the request's inputs and what follows from them, or
 * one response of a decoupled step and what follows from it (an iteration, schedulers section
 * 14.3). Each is kept until it has been taken for the last time. A tensor may be known to stay
 * empty: an optional input that was left out, an output that a model did not give. Used by one
 * thread at a time.
 */
final class Wave {
    /** A tensor that has come, or is known to stay empty. */
    private static final class Slot {
        private @Nullable RunTensor value;
        private int usesLeft;

        Slot(@Nullable RunTensor value, int usesLeft) {
            this.value = value;
            this.usesLeft = usesLeft;
        }
    }

    private final EnsemblePlan plan;
    private final int origin;
    private final boolean answers;
    private final HeldMeter meter;
    private final Map<String, Slot> slots = new HashMap<>();
    private final int[] settledInputs;
    private int held;

    /**
     * @param origin the decoupled step; {@link DecoupledOrigins#NONE} for the request's own
     * @param answers whether its outputs are taken for a response
     * @param meter counts what is held
     */
    Wave(EnsemblePlan plan, int origin, boolean answers, HeldMeter meter) {
        this.plan = plan;
        this.origin = origin;
        this.answers = answers;
        this.meter = meter;
        this.settledInputs = new int[plan.stepCount()];
    }

    /** Where it comes from. */
    int origin() {
        return origin;
    }

    /** Counts what is held. */
    HeldMeter meter() {
        return meter;
    }

    /** Whether a tensor will be taken and is neither there nor known to stay empty. */
    boolean awaits(String name) {
        return plan.usesOf(name, answers) > 0 && !slots.containsKey(name);
    }

    /**
     * Gives a tensor its value.
     *
     * @return steps that can run now
     */
    List<EnsembleGraph.Step> put(String name, @Owned RunTensor value) {
        held++;
        meter.add(value.byteSize());
        return settle(name, new Slot(value, plan.usesOf(name, answers)));
    }

    /**
     * Notes that a tensor stays empty.
     *
     * @return steps that can run now
     */
    List<EnsembleGraph.Step> leaveEmpty(String name) {
        return settle(name, new Slot(null, 0));
    }

    private List<EnsembleGraph.Step> settle(String name, Slot slot) {
        if (slots.putIfAbsent(name, slot) != null) {
            throw new IllegalStateException("ensemble tensor '" + name + "' is set twice");
        }
        List<EnsembleGraph.Step> ready = List.of();
        for (EnsembleGraph.Step reader : plan.readersOf(name)) {
            if (++settledInputs[reader.index()] == plan.inputCount(reader)) {
                ready = ready.isEmpty() ? new ArrayList<>(2) : ready;
                ready.add(reader);
            }
        }
        return ready;
    }

    /** Takes a tensor once; the last time the wave's own reference goes along. */
    @Owned
    Optional<RunTensor> take(String name) {
        Slot slot = slots.get(name);
        if (slot == null || slot.value == null) {
            return Optional.empty();
        }
        RunTensor value = slot.value;
        slot.usesLeft--;
        if (slot.usesLeft > 0) {
            return Optional.of(value.retain());
        }
        slot.value = null;
        forget(value);
        return Optional.of(value);
    }

    /** Whether every output that follows from the wave's origin is there or stays empty. */
    boolean hasOutputs() {
        for (String output : plan.outputsFrom(origin)) {
            if (!slots.containsKey(output)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it holds no tensor at the moment. */
    boolean isEmpty() {
        return held == 0;
    }

    /** Gives up everything; the caller closes it, outside of any lock. */
    @Owned
    List<RunTensor> takeRest() {
        List<RunTensor> rest = new ArrayList<>(held);
        for (Slot slot : slots.values()) {
            if (slot.value != null) {
                rest.add(slot.value);
                forget(slot.value);
                slot.value = null;
            }
        }
        return rest;
    }

    private void forget(RunTensor value) {
        held--;
        meter.remove(value.byteSize());
    }
}
