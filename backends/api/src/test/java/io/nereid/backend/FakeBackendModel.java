package io.nereid.backend;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An engine of a test: its instances do what they are told and note what happens to them. */
public final class FakeBackendModel implements BackendModel {
    private final Consumer<Batch> behaviour;
    private final int failingInstance;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<Integer> batchSizes = new CopyOnWriteArrayList<>();

    /**
     * @param behaviour what an instance does with a batch
     */
    public FakeBackendModel(Consumer<Batch> behaviour) {
        this(behaviour, -1);
    }

    /**
     * @param failingInstance index of the instance that cannot be opened, -1 for none
     */
    public FakeBackendModel(Consumer<Batch> behaviour, int failingInstance) {
        this.behaviour = behaviour;
        this.failingInstance = failingInstance;
    }

    /** What was opened and closed, in order: {@code open 0}, {@code close 0}, {@code close}. */
    public List<String> events() {
        return events;
    }

    /** Batch sizes executed so far, in order. */
    public List<Integer> batchSizes() {
        return batchSizes;
    }

    @Override
    public @Owned ModelInstance openInstance(InstanceSpec spec) {
        if (spec.index() == failingInstance) {
            throw new StatusException(StatusCode.INTERNAL, "no room for instance " + spec.index());
        }
        events.add("open " + spec.index());
        return new Instance(spec.index());
    }

    @Override
    public void close() {
        events.add("close");
    }

    private final class Instance implements ModelInstance {
        private final int index;

        Instance(int index) {
            this.index = index;
        }

        @Override
        public void execute(Batch batch) {
            batchSizes.add(batch.batchSize());
            behaviour.accept(batch);
        }

        @Override
        public void close() {
            events.add("close " + index);
        }
    }
}
