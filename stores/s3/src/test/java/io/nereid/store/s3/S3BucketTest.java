package io.nereid.store.s3;

import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreContractTest;
import io.nereid.repository.store.S3Server;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Amazon's SDK against a real implementation of S3. */
class S3BucketTest extends ModelStoreContractTest {
    private static S3Server server;

    @BeforeAll
    static void start() throws Exception {
        server = new S3Server(BUCKET);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void put(String key, byte[] bytes) {
        server.put(BUCKET, key, bytes);
    }

    @Override
    public @Owned ModelStore open(int port, String bucket, StoreTimeouts timeouts)
            throws Exception {
        return open(port, bucket, S3Server.SECRET, timeouts);
    }

    @Override
    public @Owned ModelStore openAsStranger(int port) throws Exception {
        return open(port, BUCKET, "wrong", StoreTimeouts.DEFAULT);
    }

    private static ModelStore open(int port, String bucket, String secret, StoreTimeouts timeouts)
            throws Exception {
        return new S3Stores()
                .open(
                        StoreUrl.of("s3://127.0.0.1:" + port + "/" + bucket).orElseThrow(),
                        new StoreCredentials(
                                Map.of("key_id", S3Server.KEY_ID, "secret_key", secret)),
                        timeouts);
    }
}
