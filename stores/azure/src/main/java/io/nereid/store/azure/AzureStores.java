package io.nereid.store.azure;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreProvider;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Azure Blob Storage. Who to be: by {@code auth_type} the account with its key, the machine's
 * managed identity, or Azure's default chain; nobody if neither a key nor a type is given.
 */
public final class AzureStores implements ModelStoreProvider {
    private static final Map<String, String> VARIABLES =
            Map.of(
                    "AZURE_STORAGE_ACCOUNT", "account_str",
                    "AZURE_STORAGE_KEY", "account_key",
                    "AZURE_STORAGE_AUTH_TYPE", "auth_type",
                    "AZURE_STORAGE_CLIENT_ID", "client_id");

    private final UnaryOperator<String> endpoint;

    /** Azure's own. */
    public AzureStores() {
        this(account -> "https://" + account + ".blob.core.windows.net");
    }

    /**
     * @param endpoint URL of an account's service
     */
    AzureStores(UnaryOperator<String> endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public String scheme() {
        return "as";
    }

    @Override
    public StoreCredentials credentials(Map<String, String> environment) {
        return StoreCredentials.ofVariables(environment, VARIABLES);
    }

    @Override
    public @Owned ModelStore open(
            StoreUrl url, StoreCredentials credentials, StoreTimeouts timeouts)
            throws StoreException {
        String account = credentials.find("account_str").orElse(url.authority());
        BlobContainerClientBuilder client =
                new BlobContainerClientBuilder()
                        .endpoint(endpoint.apply(account))
                        .containerName(url.bucket())
                        .retryOptions(
                                new RequestRetryOptions(
                                        RetryPolicyType.FIXED, 1, (Integer) null, null, null, null))
                        .httpClient(
                                new JdkHttpClientBuilder()
                                        .connectionTimeout(timeouts.connect())
                                        .responseTimeout(timeouts.read())
                                        .readTimeout(timeouts.read())
                                        .build());
        try {
            authenticate(client, account, credentials);
            return new AzureContainer(client.buildClient(), timeouts);
        } catch (IllegalArgumentException e) {
            throw AzureContainer.refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static void authenticate(
            BlobContainerClientBuilder client, String account, StoreCredentials credentials)
            throws StoreException {
        Optional<String> key = credentials.find("account_key");
        Optional<String> clientId = credentials.find("client_id");
        String type = credentials.find("auth_type").orElse(key.isPresent() ? "key" : "none");
        switch (type) {
            case "none" -> client.setAnonymousAccess();
            case "key" ->
                    client.credential(
                            new StorageSharedKeyCredential(
                                    account,
                                    key.orElseThrow(() ->
                                            refused(
                                                    "AZURE_STORAGE_KEY or account_key is absent"))));
            case "managed_identity" -> {
                ManagedIdentityCredentialBuilder identity = new ManagedIdentityCredentialBuilder();
                clientId.ifPresent(identity::clientId);
                client.credential(identity.build());
            }
            case "default" -> {
                DefaultAzureCredentialBuilder chain = new DefaultAzureCredentialBuilder();
                clientId.ifPresent(chain::managedIdentityClientId);
                client.credential(chain.build());
            }
            default ->
                    throw refused(
                            "unknown authentication type '"
                                    + type
                                    + "', expected key, managed_identity or default");
        }
    }

    private static StoreException refused(String reason) {
        return AzureContainer.refused(reason, new IllegalArgumentException(reason));
    }
}
