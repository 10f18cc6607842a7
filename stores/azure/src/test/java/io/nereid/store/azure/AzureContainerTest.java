package io.nereid.store.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreContractTest;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Microsoft's SDK against a fake, with an account's key. */
class AzureContainerTest extends ModelStoreContractTest {
    private static FakeAzure server;

    @BeforeAll
    static void start() throws Exception {
        server = new FakeAzure();
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
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
        AzureStores stores = new AzureStores(account -> "http://127.0.0.1:" + port + "/" + account);
        return stores.open(
                StoreUrl.of("as://" + FakeAzure.ACCOUNT + "/" + bucket).orElseThrow(),
                stores.credentials(Map.of("AZURE_STORAGE_KEY", FakeAzure.KEY)),
                timeouts);
    }

    @Override
    public @Owned ModelStore openAsStranger(int port) throws Exception {
        return open(port, StoreCredentials.NONE);
    }

    private static ModelStore open(int port, StoreCredentials credentials) throws StoreException {
        return new AzureStores(account -> "http://127.0.0.1:" + port + "/" + account)
                .open(
                        StoreUrl.of("as://" + FakeAzure.ACCOUNT + "/" + BUCKET).orElseThrow(),
                        credentials,
                        StoreTimeouts.DEFAULT);
    }

    @Test
    void refusesWaysToAuthenticateThatItDoesNotKnow() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> open(1, new StoreCredentials(Map.of("auth_type", "password"))))
                .withMessageContaining("unknown authentication type 'password'");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> open(1, new StoreCredentials(Map.of("auth_type", "key"))))
                .withMessageContaining("account_key is absent");
    }

    @Test
    void isTheMachineItselfIfToldSo() throws Exception {
        for (String type : new String[] {"managed_identity", "default"}) {
            StoreCredentials machine =
                    new StoreCredentials(Map.of("auth_type", type, "client_id", "1"));
            try (ModelStore store =
                    new AzureStores()
                            .open(
                                    StoreUrl.of("as://account/container").orElseThrow(),
                                    machine,
                                    StoreTimeouts.DEFAULT)) {
                assertThat(store).as(type).isNotNull();
            }
            assertThatExceptionOfType(StoreException.class)
                    .as("tokens are not sent without TLS")
                    .isThrownBy(() -> open(server.port(), machine))
                    .withMessageContaining("https");
        }
    }
}
