package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;

/** What the repository needs from outside to turn a configuration into a model. */
public interface ModelLoader {
    /**
     * The engine of that name.
     *
     * @throws io.nereid.protocol.StatusException INVALID_ARG if there is none (model-config section
     *     9.7)
     */
    Backend backend(String name);

    /**
     * Opens a version: its weights, instances and scheduler, or the graph of an ensemble. Called
     * on: control threads, several at a time.
     *
     * @param namespace path of the model's repository, with namespacing; else empty
     * @param config completed configuration
     * @throws io.nereid.protocol.StatusException with the reason for the index
     */
    @Owned
    Model load(String namespace, ModelConfig config, ModelFiles files);

    /**
     * Gives a model that is in service, and has {@linkplain Model#instances instances}, those that
     * another configuration asks for (repository section 12). Called on: control threads, one at a
     * time for a model.
     *
     * @param config the model's, different only in instance groups and version policy
     * @throws io.nereid.protocol.StatusException if one cannot be opened; then nothing has changed
     */
    void replaceInstances(Model model, ModelConfig config);
}
