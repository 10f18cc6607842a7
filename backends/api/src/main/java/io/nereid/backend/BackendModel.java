package io.nereid.backend;

import io.nereid.protocol.Owned;

/** The weights of one version of a model. Closed after all its instances. */
public interface BackendModel extends AutoCloseable {
    /** Opens one executable copy. Called on: control threads. */
    @Owned
    ModelInstance openInstance(InstanceSpec spec);

    @Override
    void close();
}
