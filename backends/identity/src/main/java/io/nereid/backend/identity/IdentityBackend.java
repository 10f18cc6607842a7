package io.nereid.backend.identity;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code backend: "identity"}: input i is output i, without a copy. For tests and demonstrations;
 * delays are set with the parameters {@code execute_delay_ms}, {@code
 * instance_wise_delay_multiplier} and {@code creation_delay_sec} (example backends).
 */
public final class IdentityBackend implements Backend {
    private TensorAllocator allocator = new UnopenedAllocator();

    @Override
    public String name() {
        return "identity";
    }

    @Override
    public void open(BackendEnvironment environment) {
        allocator = environment.allocator();
    }

    /**
     * Completes nothing; checks what is there, as the reference does before other rules.
     *
     * @throws io.nereid.protocol.StatusException INVALID_ARG naming the pair at fault
     */
    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        IdentityRules.check(config);
        return config;
    }

    /**
     * Checks that inputs and outputs match in pairs.
     *
     * @throws io.nereid.protocol.StatusException INVALID_ARG naming the pair or parameter at fault
     */
    @Override
    public @Owned BackendModel openModel(ModelConfig config, ModelFiles files) {
        IdentityModel model = IdentityModel.of(config, allocator);
        long seconds = Parameters.number(config, "creation_delay_sec");
        awaitNanos(TimeUnit.SECONDS.toNanos(seconds));
        return model;
    }

    @Override
    public void close() {}

    /** Keeps the calling thread for that long. */
    static void awaitNanos(long nanos) {
        long deadline = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
