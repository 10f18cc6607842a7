package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** An engine that opens models, counts them, and never makes an instance. */
final class OpeningBackend implements Backend {
    private final List<String> opened = new ArrayList<>();
    private final Map<String, Supplier<RuntimeException>> refusals = new HashMap<>();
    private int open;

    /** Lets the engine fail to open a model. */
    void refuse(String model, Supplier<RuntimeException> failure) {
        refusals.put(model, failure);
    }

    /** Models and versions in the order in which they were opened. */
    List<String> opened() {
        return opened;
    }

    /** Models that were not closed. */
    int open() {
        return open;
    }

    @Override
    public String name() {
        return "identity";
    }

    @Override
    public void open(BackendEnvironment environment) {}

    @Override
    public @Owned BackendModel openModel(ModelConfig config, ModelFiles files) {
        Supplier<RuntimeException> refusal = refusals.get(config.name());
        if (refusal != null) {
            throw refusal.get();
        }
        opened.add(config.name() + ":" + files.version());
        open++;
        return new BackendModel() {
            @Override
            public ModelInstance openInstance(InstanceSpec spec) {
                throw new AssertionError("an instance was asked for");
            }

            @Override
            public void close() {
                open--;
            }
        };
    }

    @Override
    public void close() {}
}
