package io.nereid.backend.foreign;

import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.StatusException;

/** Refuses devices that the bundled libraries cannot use. */
public final class CpuOnly {
    private CpuOnly() {}

    /**
     * Checks that an instance computes on the CPU (model-config section 8.3).
     *
     * @throws StatusException INVALID_ARG if it asks for a GPU
     */
    public static void check(String model, InstanceSpec spec) {
        if (spec.device().kind() == Device.Kind.GPU) {
            String name = spec.name();
            int suffix = name.lastIndexOf('_');
            throw StatusException.invalidArgument(
                    "instance group "
                            + (suffix > 0 ? name.substring(0, suffix) : name)
                            + " of model "
                            + model
                            + " has kind KIND_GPU but server does not support GPUs");
        }
    }
}
