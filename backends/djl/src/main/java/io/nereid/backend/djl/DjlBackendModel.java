package io.nereid.backend.djl;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.HashMap;
import java.util.Map;

/** One version: its weights once per device, shared by the instances there. */
final class DjlBackendModel implements BackendModel {
    private final ModelConfig config;
    private final DjlEngine engine;
    private final LoadRequest request;
    private final TensorAllocator allocator;
    private final Map<Device, LoadedModel> loaded = new HashMap<>();

    private DjlBackendModel(
            ModelConfig config, DjlEngine engine, LoadRequest request, TensorAllocator allocator) {
        this.config = config;
        this.engine = engine;
        this.request = request;
        this.allocator = allocator;
    }

    /** Opens the weights, on the CPU at once if any instance computes there. */
    static @Owned DjlBackendModel open(
            ModelConfig config, DjlEngine engine, LoadRequest request, TensorAllocator allocator) {
        DjlBackendModel model = new DjlBackendModel(config, engine, request, allocator);
        boolean onlyGpus =
                config.message().getInstanceGroupCount() > 0
                        && config.message().getInstanceGroupList().stream()
                                .allMatch(group ->
                                        group.getKind()
                                                == ModelConfigProto.ModelInstanceGroup.Kind
                                                        .KIND_GPU);
        try {
            if (!onlyGpus) {
                model.on(Device.CPU);
            }
            return model;
        } catch (StatusException e) {
            model.close();
            throw e;
        }
    }

    @Override
    public ModelInstance openInstance(InstanceSpec spec) {
        Device device = spec.device().kind() == Device.Kind.GPU ? spec.device() : Device.CPU;
        return new DjlInstance(config, engine.name(), on(device), allocator);
    }

    private synchronized LoadedModel on(Device device) {
        LoadedModel known = loaded.get(device);
        if (known != null) {
            return known;
        }
        LoadedModel model = engine.load(request.on(device));
        loaded.put(device, model);
        new ConfigCheck(config).requireInputs(model.inputs());
        return model;
    }

    @Override
    public synchronized void close() {
        loaded.values().forEach(LoadedModel::close);
        loaded.clear();
    }
}
