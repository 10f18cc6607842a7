package io.nereid.backend.scheduler;

import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.Owned;
import java.util.function.Function;

/** Opens a model version's instances, once the scheduler knows where they get their work. */
@FunctionalInterface
interface InstanceOpener {
    /**
     * Opens them and starts their threads.
     *
     * @param sources where each instance gets its work
     * @throws io.nereid.protocol.StatusException whatever an instance says when it cannot be opened
     */
    @Owned
    InstancePool open(Function<InstanceSpec, BatchSource> sources);
}
