package io.nereid.server.main;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelControl;
import io.nereid.repository.ModelOverride;
import java.nio.file.Path;
import java.util.Map;

/** Extensions that this server was started without: each call says so. */
final class Refusing implements ModelControl {
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
}
