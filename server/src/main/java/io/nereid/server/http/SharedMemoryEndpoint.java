package io.nereid.server.http;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.JsonView;
import io.nereid.server.netty.AdminBody;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.JsonText;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.sharedmemory.SharedMemoryControl.CudaRegion;
import io.nereid.server.sharedmemory.SharedMemoryControl.SystemRegion;
import java.util.List;
import java.util.Optional;

/** Regions that clients share (HTTP protocol section 10). Used on event loops. */
final class SharedMemoryEndpoint {

    private final SharedMemoryControl control;
    private final AdminBody bodies;

    SharedMemoryEndpoint(SharedMemoryControl control, AdminBody bodies) {
        this.control = control;
        this.bodies = bodies;
    }

    /**
     * @throws StatusException INVALID_ARG if a region is to be registered without a name
     */
    void handle(V2Path.Memory path, HttpExchange exchange) {
        Optional<String> region = path.region();
        switch (path.operation()) {
            case STATUS -> bodies.run(exchange, () -> HttpReply.json(status(path.kind(), region)));
            case REGISTER -> {
                String name = region.orElseThrow(() -> nameless(path.kind()));
                if (path.kind() == V2Path.Kind.CUDA) {
                    control.requireAllowed();
                    control.requireCuda(name);
                }
                bodies.readJson(exchange, json -> register(path.kind(), name, json));
            }
            case UNREGISTER -> bodies.run(exchange, () -> unregister(path.kind(), region));
        }
    }

    private static StatusException nameless(V2Path.Kind kind) {
        return StatusException.invalidArgument(
                "'region name' is necessary to register "
                        + switch (kind) {
                            case SYSTEM -> "system";
                            case CUDA -> "cuda";
                        }
                        + " shared memory region");
    }

    private byte[] status(V2Path.Kind kind, Optional<String> region) {
        return switch (kind) {
            case SYSTEM -> systemStatus(control.systemStatus(region));
            case CUDA -> cudaStatus(control.cudaStatus(region));
        };
    }

    private static byte[] systemStatus(List<SystemRegion> regions) {
        return JsonText.write(json -> {
            json.writeStartArray();
            for (SystemRegion region : regions) {
                json.writeStartObject();
                json.writeStringField("name", region.name());
                json.writeStringField("key", region.key());
                json.writeNumberField("offset", region.offset());
                json.writeNumberField("byte_size", region.byteSize());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static byte[] cudaStatus(List<CudaRegion> regions) {
        return JsonText.write(json -> {
            json.writeStartArray();
            for (CudaRegion region : regions) {
                json.writeStartObject();
                json.writeStringField("name", region.name());
                json.writeNumberField("device_id", region.deviceId());
                json.writeNumberField("byte_size", region.byteSize());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private HttpReply register(V2Path.Kind kind, String name, JsonView json) {
        switch (kind) {
            case SYSTEM -> {
                String key = field(json, "key").string();
                long offset = json.member("offset").map(JsonView::unsigned).orElse(0L);
                control.registerSystem(name, key, offset, field(json, "byte_size").unsigned());
            }
            case CUDA -> {
                String handle = field(json, "raw_handle").required("b64").string();
                long byteSize = json.required("byte_size").unsigned();
                long device = json.required("device_id").unsigned();
                control.registerCuda(name, LenientBase64.decode(handle), device, byteSize);
            }
        }
        return HttpReply.json(new byte[0]);
    }

    private static JsonView field(JsonView json, String name) {
        return json.member(name)
                .orElseThrow(() ->
                        StatusException.invalidArgument(
                                "Shared memory register request has no '" + name + "' field"));
    }

    private HttpReply unregister(V2Path.Kind kind, Optional<String> region) {
        switch (kind) {
            case SYSTEM -> control.unregisterSystem(region);
            case CUDA -> control.unregisterCuda(region);
        }
        return HttpReply.json(new byte[0]);
    }
}
