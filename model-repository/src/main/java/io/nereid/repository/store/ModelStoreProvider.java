package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import java.util.Map;

/** One kind of object store; found with {@code ServiceLoader}. Called on: control threads. */
public interface ModelStoreProvider {
    /** Scheme of its URLs, such as {@code s3}. */
    String scheme();

    /**
     * What the environment says about credentials (repository section 16).
     *
     * @param environment variables of the process
     */
    StoreCredentials credentials(Map<String, String> environment);

    /**
     * Opens a bucket; asks the store nothing yet.
     *
     * @param credentials empty fields stand for the vendor's default chain
     * @throws StoreException {@link StoreException.Kind#CREDENTIALS} if the credentials cannot be
     *     used
     */
    @Owned
    ModelStore open(StoreUrl url, StoreCredentials credentials, StoreTimeouts timeouts)
            throws StoreException;
}
