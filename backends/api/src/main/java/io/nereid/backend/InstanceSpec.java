package io.nereid.backend;

import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;

/**
 * One instance to open.
 *
 * @param name name in logs: {@code {group}_{i}}
 * @param index number of the instance in its model, from 0
 * @param count number of instances of the model
 * @param device where it computes
 * @param group what its group says besides its name and how many there are
 */
public record InstanceSpec(
        String name, int index, int count, Device device, ModelInstanceGroup group) {
    /** Name of the host policy that holds for it: its group's, or that of the kind of device. */
    public String hostPolicy() {
        if (!group.getHostPolicy().isEmpty()) {
            return group.getHostPolicy();
        }
        return switch (device.kind()) {
            case CPU -> "cpu";
            case GPU -> "gpu_" + device.index();
            case MODEL -> "model";
        };
    }

    /** Whether an instance opened for the other one may stand in for this one. */
    public boolean isLike(InstanceSpec other) {
        return device.equals(other.device) && group.equals(other.group);
    }
}
