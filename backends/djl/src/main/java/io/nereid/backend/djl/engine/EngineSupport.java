package io.nereid.backend.djl.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.ModelSignature;
import java.io.IOException;
import java.util.Optional;

/** What differs between engines. */
sealed interface EngineSupport permits OnnxRuntimeSupport, TensorFlowSupport, PlainSupport {
    /** What the model's files say; empty if this engine's files cannot be asked. */
    Optional<ModelSignature> describe(LoadRequest request);

    /** Loads the weights into {@code model}, with the options that the parameters ask for. */
    void load(Model model, LoadRequest request) throws IOException, MalformedModelException;

    /** Whether the engine copies the bytes of a direct buffer rather than reading them in place. */
    boolean copiesInputs();
}
