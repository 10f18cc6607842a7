package io.nereid.backend.djl;

import io.nereid.protocol.Owned;
import java.util.Optional;

/** One DJL engine, in a class loader of its own. Called on: control threads. */
public interface DjlEngine {
    /**
     * Starts the engine. Called once, before anything else, with the engine's class loader as the
     * thread's context class loader.
     *
     * @param name the engine's name in any letter case
     */
    void start(String name);

    /** The name that DJL knows the engine by, such as {@code OnnxRuntime}. */
    String name();

    /**
     * What the model's files say about its inputs and outputs, without loading the weights for use;
     * empty if this engine cannot tell.
     *
     * @throws io.nereid.protocol.StatusException if the files do not hold what {@code request} asks
     *     for
     */
    Optional<ModelSignature> describe(LoadRequest request);

    /**
     * Loads a model.
     *
     * @throws io.nereid.protocol.StatusException with the engine's reason
     */
    @Owned
    LoadedModel load(LoadRequest request);
}
