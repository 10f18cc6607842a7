package io.nereid.backend.identity;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Opens a backend's model as the server does, and makes batches for it. */
final class Fixture {
    private Fixture() {}

    static @Owned BackendModel open(
            Backend backend, ModelConfig config, TensorAllocator allocator) {
        backend.open(new BackendEnvironment(Path.of("."), Map.of(), allocator, 1));
        return backend.openModel(config, new ModelFiles(Path.of("."), 1));
    }

    static InstanceSpec spec(int index) {
        return new InstanceSpec(
                "i_" + index,
                index,
                index + 1,
                Device.CPU,
                ModelInstanceGroup.getDefaultInstance());
    }

    /** A validated request with these inputs for all outputs. */
    static InferenceRequest request(ModelConfig config, @Owned Tensor... inputs) {
        return request(config, List.of(), inputs);
    }

    /** A validated request with these inputs for these outputs. */
    static InferenceRequest request(
            ModelConfig config, List<String> outputs, @Owned Tensor... inputs) {
        InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
        for (Tensor input : inputs) {
            request.addInput(input);
        }
        outputs.forEach(request::addRequestedOutput);
        config.validator().validate(request);
        return request;
    }

    /** A batch of requests and their senders, in order. */
    static Batch batch(
            ModelConfig config, List<InferenceRequest> requests, List<RecordingSender> senders) {
        List<Batch.Item> items = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            items.add(new Batch.Item(requests.get(i), senders.get(i)));
        }
        return new Batch(config, 1, items, ExecutionListener.NONE, System::nanoTime);
    }
}
