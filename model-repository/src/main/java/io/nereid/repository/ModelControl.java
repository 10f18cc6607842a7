package io.nereid.repository;

import java.nio.file.Path;
import java.util.Map;

/**
 * Loads and unloads models on request (http section 6, sagemaker section 8). Every method blocks
 * until what it says is done. Called on: control threads, several at a time.
 */
public interface ModelControl {
    /**
     * Loads a model, or loads it again if it changed, and returns when that is done.
     *
     * @throws io.nereid.protocol.StatusException with the texts of http section 6.2
     */
    void load(String model, ModelOverride override);

    /**
     * Begins to unload a model. Returns when no new request reaches it; what it has accepted is
     * answered in the background. An unknown model is no error.
     *
     * @param withDependents whether models that were loaded because of this one go too
     * @throws io.nereid.protocol.StatusException with the texts of http section 6.3
     */
    void unload(String model, boolean withDependents);

    /**
     * Waits until no version of a model is loaded or unloading.
     *
     * @param model a model that {@link #unload} was called for
     */
    void awaitUnloaded(String model);

    /**
     * Adds a directory of models (sagemaker section 8.2).
     *
     * @param repository the directory
     * @param names names of models inside the server by the names of their directories, where they
     *     differ
     * @throws io.nereid.protocol.StatusException ALREADY_EXISTS, NOT_FOUND or UNSUPPORTED with the
     *     texts of sagemaker section 8.2
     */
    void register(Path repository, Map<String, String> names);

    /**
     * Takes a directory of models out again. Its models have been unloaded.
     *
     * @throws io.nereid.protocol.StatusException NOT_FOUND if it was not registered
     */
    void unregister(Path repository);
}
