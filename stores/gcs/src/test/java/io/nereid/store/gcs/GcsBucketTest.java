package io.nereid.store.gcs;

import com.google.gson.JsonObject;
import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreContractTest;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Google's client against a fake, with the key of a service account. */
class GcsBucketTest extends ModelStoreContractTest {
    @TempDir private static Path folder;

    private static FakeGcs server;
    private static Path account;

    @BeforeAll
    static void start() throws Exception {
        server = new FakeGcs();
        server.start();
        account = Files.writeString(folder.resolve("account.json"), serviceAccount());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String serviceAccount() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        JsonObject json = new JsonObject();
        json.addProperty("type", "service_account");
        json.addProperty("client_id", "1");
        json.addProperty("client_email", "nereid@example.iam.gserviceaccount.com");
        json.addProperty("private_key_id", "1");
        json.addProperty(
                "private_key",
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        json.addProperty("token_uri", "http://127.0.0.1:" + server.port() + "/token");
        return json.toString();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void put(String key, byte[] bytes) {
        server.put(key, bytes);
    }

    @Override
    public @Owned ModelStore open(int port, String bucket, StoreTimeouts timeouts)
            throws Exception {
        return new GcsStores()
                .open(
                        StoreUrl.of("gs://" + bucket).orElseThrow(),
                        new GcsStores()
                                .credentials(
                                        Map.of(
                                                "STORAGE_EMULATOR_HOST",
                                                "127.0.0.1:" + port,
                                                "GOOGLE_APPLICATION_CREDENTIALS",
                                                account.toString())),
                        timeouts);
    }

    @Override
    public @Owned ModelStore openAsStranger(int port) throws Exception {
        return new GcsStores()
                .open(
                        StoreUrl.of("gs://" + BUCKET).orElseThrow(),
                        new StoreCredentials(Map.of("emulator", "http://127.0.0.1:" + port)),
                        StoreTimeouts.DEFAULT);
    }
}
