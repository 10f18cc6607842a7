package io.nereid.backend.djl.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.ModelSignature;
import java.io.IOException;
import java.util.Optional;

/** Any engine, through nothing but DJL's common interface. */
final class PlainSupport implements EngineSupport {
    @Override
    public Optional<ModelSignature> describe(LoadRequest request) {
        return Optional.empty();
    }

    @Override
    public void load(Model model, LoadRequest request) throws IOException, MalformedModelException {
        model.load(request.file().getParent(), request.file().getFileName().toString());
    }

    @Override
    public boolean copiesInputs() {
        return true;
    }
}
