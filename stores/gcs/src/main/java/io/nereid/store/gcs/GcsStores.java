package io.nereid.store.gcs;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreProvider;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Google Cloud Storage. Who to be: the file of credentials that is given, of any kind that Google
 * knows; else what the machine is; else nobody.
 */
public final class GcsStores implements ModelStoreProvider {
    private static final Logger log = LoggerFactory.getLogger(GcsStores.class);
    private static final String READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only";
    private static final String FILE = "file";
    private static final String EMULATOR = "emulator";
    private static final Map<String, String> VARIABLES =
            Map.of("GOOGLE_APPLICATION_CREDENTIALS", FILE, "STORAGE_EMULATOR_HOST", EMULATOR);

    @Override
    public String scheme() {
        return "gs";
    }

    @Override
    public StoreCredentials credentials(Map<String, String> environment) {
        return StoreCredentials.ofVariables(environment, VARIABLES);
    }

    @Override
    public @Owned ModelStore open(
            StoreUrl url, StoreCredentials credentials, StoreTimeouts timeouts)
            throws StoreException {
        Optional<GoogleCredentials> google = google(credentials);
        Optional<HttpCredentialsAdapter> adapter =
                google.map(found -> new HttpCredentialsAdapter(found.createScoped(READ_ONLY)));
        HttpRequestInitializer initializer =
                request -> {
                    if (adapter.isPresent()) {
                        adapter.get().initialize(request);
                    }
                    request.setConnectTimeout((int) timeouts.connect().toMillis());
                    request.setReadTimeout((int) timeouts.read().toMillis());
                    request.setNumberOfRetries(0);
                };
        NetHttpTransport transport = new NetHttpTransport();
        Storage.Builder client =
                new Storage.Builder(transport, GsonFactory.getDefaultInstance(), initializer)
                        .setApplicationName("nereid");
        credentials.find(EMULATOR).ifPresent(host -> client.setRootUrl(root(host)));
        return new GcsBucket(client.build(), transport, url.bucket());
    }

    /** An emulator is told by its URL, or by host and port alone. */
    private static String root(String host) {
        String url = host.contains("://") ? host : "http://" + host;
        return url.endsWith("/") ? url : url + "/";
    }

    private static Optional<GoogleCredentials> google(StoreCredentials credentials)
            throws StoreException {
        Optional<String> file = credentials.find(FILE);
        if (file.isPresent()) {
            return Optional.of(ofFile(Path.of(file.get())));
        }
        return credentials.find(EMULATOR).isPresent() ? Optional.empty() : ofMachine();
    }

    private static GoogleCredentials ofFile(Path file) throws StoreException {
        try (InputStream in = Files.newInputStream(file)) {
            return GoogleCredentials.fromStream(in);
        } catch (IOException | RuntimeException e) {
            throw GcsBucket.refused(file + ": " + e, e);
        }
    }

    private static Optional<GoogleCredentials> ofMachine() {
        try {
            return Optional.of(GoogleCredentials.getApplicationDefault());
        } catch (IOException e) {
            log.info("no Google credentials found, buckets are read anonymously: {}", e.toString());
            return Optional.empty();
        }
    }
}
