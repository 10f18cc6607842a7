package io.nereid.backend;

import io.nereid.protocol.LabelLookup;

/**
 * A model that is kept open: while the lease is held, the model accepts requests and answers them,
 * even if it was taken out of service in the meantime. Closing is cheap and never blocks; the
 * model's memory is freed elsewhere once the last lease has ended. Any thread.
 */
public interface ModelLease extends AutoCloseable {
    /** The model, borrowed for as long as the lease is held. */
    Model model();

    /** The labels of the very files that the model was loaded from; still good once it has gone. */
    default LabelLookup labels() {
        return LabelLookup.NONE;
    }

    /** Ends the lease, once. */
    @Override
    void close();

    /** A lease of a model that its owner keeps open anyway. */
    static ModelLease borrowed(Model model) {
        return new ModelLease() {
            @Override
            public Model model() {
                return model;
            }

            @Override
            public void close() {}
        };
    }
}
