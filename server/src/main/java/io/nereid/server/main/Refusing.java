package io.nereid.server.main;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelControl;
import io.nereid.repository.ModelOverride;
import io.nereid.server.logging.LogControl;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.trace.TraceControl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Extensions that this server was started without: each call says so. */
final class Refusing implements ModelControl, TraceControl, LogControl, SharedMemoryControl {
    static StatusException refusal(String extension) {
        return new StatusException(
                StatusCode.UNAVAILABLE, "the server does not support " + extension);
    }

    @Override
    public void load(String model, ModelOverride override) {
        throw refusal("model control");
    }

    @Override
    public void unload(String model, boolean withDependents) {
        throw refusal("model control");
    }

    @Override
    public void awaitUnloaded(String model) {
        throw refusal("model control");
    }

    @Override
    public void register(Path repository, Map<String, String> names) {
        throw refusal("model control");
    }

    @Override
    public void unregister(Path repository) {
        throw refusal("model control");
    }

    @Override
    public Map<String, List<String>> settings(Optional<String> model) {
        throw refusal("tracing");
    }

    @Override
    public void update(
            Optional<String> model, Map<String, List<String>> changes, Protocol protocol) {
        throw refusal("tracing");
    }

    @Override
    public Settings settings() {
        throw refusal("dynamic logging");
    }

    @Override
    public void update(Settings settings) {
        throw refusal("dynamic logging");
    }

    @Override
    public Window open(String region, long offset, long byteSize) {
        throw new StatusException(
                StatusCode.NOT_FOUND, "Unable to find shared memory region: '" + region + "'");
    }

    @Override
    public void registerSystem(String name, String key, long offset, long byteSize) {
        throw refusal("shared memory");
    }

    @Override
    public void registerCuda(String name, byte[] rawHandle, long deviceId, long byteSize) {
        throw refusal("shared memory");
    }

    @Override
    public List<SystemRegion> systemStatus(Optional<String> name) {
        throw refusal("shared memory");
    }

    @Override
    public List<CudaRegion> cudaStatus(Optional<String> name) {
        throw refusal("shared memory");
    }

    @Override
    public void unregisterSystem(Optional<String> name) {
        throw refusal("shared memory");
    }

    @Override
    public void unregisterCuda(Optional<String> name) {
        throw refusal("shared memory");
    }
}
