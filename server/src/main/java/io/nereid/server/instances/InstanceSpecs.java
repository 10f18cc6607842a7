package io.nereid.server.instances;

import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.util.ArrayList;
import java.util.List;

/** Makes instances of the groups of a completed configuration (model-config section 8.2). */
public final class InstanceSpecs {
    private InstanceSpecs() {}

    /**
     * The instances in the order in which they are opened: for each group as many as it counts, and
     * of each one on every GPU that the group names. Those of one number have the same name on
     * every GPU.
     */
    public static List<InstanceSpec> of(ModelConfig config) {
        List<ModelInstanceGroup> groups = config.message().getInstanceGroupList();
        int total =
                groups.stream().mapToInt(group -> group.getCount() * devices(group).size()).sum();
        List<InstanceSpec> specs = new ArrayList<>(total);
        for (ModelInstanceGroup group : groups) {
            ModelInstanceGroup common = group.toBuilder().clearName().clearCount().build();
            for (int i = 0; i < group.getCount(); i++) {
                String name = group.getName() + "_" + i;
                for (Device device : devices(group)) {
                    specs.add(new InstanceSpec(name, specs.size(), total, device, common));
                }
            }
        }
        return specs;
    }

    private static List<Device> devices(ModelInstanceGroup group) {
        return switch (group.getKind()) {
            case KIND_GPU ->
                    group.getGpusList().stream()
                            .map(gpu -> new Device(Device.Kind.GPU, gpu))
                            .toList();
            case KIND_MODEL -> List.of(new Device(Device.Kind.MODEL, 0));
            case KIND_CPU, KIND_AUTO, UNRECOGNIZED -> List.of(Device.CPU);
        };
    }
}
