package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.AdmittedLease;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Keeps a model for a request whose body is still to come, so that the request is answered even if
 * the model is unloaded in the meantime. Used on one event loop.
 *
 * @param <T> what a body is decoded to
 */
final class LeasedBody<T> implements BodyHandler {
    private final AdmittedLease lease;
    private final Function<TensorBuffer, T> decoding;
    private final BiConsumer<AdmittedLease, T> asking;

    /**
     * @param decoding owns the body; may throw StatusException
     * @param asking owns the lease
     */
    LeasedBody(
            @Owned AdmittedLease lease,
            Function<TensorBuffer, T> decoding,
            BiConsumer<AdmittedLease, T> asking) {
        this.lease = lease;
        this.decoding = decoding;
        this.asking = asking;
    }

    @Override
    public void handle(@Owned TensorBuffer body) {
        asking.accept(lease, decode(body));
    }

    private T decode(@Owned TensorBuffer body) {
        boolean decoded = false;
        try {
            T request = decoding.apply(body);
            decoded = true;
            return request;
        } finally {
            if (!decoded) {
                lease.close();
            }
        }
    }

    @Override
    public void abandon() {
        lease.close();
    }
}
