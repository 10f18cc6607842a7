package io.nereid.store.gcs;

import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import com.google.auth.Retryable;
import io.nereid.protocol.Owned;
import io.nereid.repository.store.Checksum;
import io.nereid.repository.store.ListPage;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ObjectContent;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bucket. What tells contents of an object apart is its generation, which Google counts up with
 * every write. Owns its transport; used by several threads.
 */
final class GcsBucket implements ModelStore {
    private static final Logger log = LoggerFactory.getLogger(GcsBucket.class);
    private static final String FIELDS = "nextPageToken,items(name,size,generation,updated)";
    private static final long PAGE = 1000;

    private final Storage client;
    private final NetHttpTransport transport;
    private final String bucket;

    GcsBucket(Storage client, @Owned NetHttpTransport transport, String bucket) {
        this.client = client;
        this.transport = transport;
        this.bucket = bucket;
    }

    @Override
    public ListPage list(String prefix, Optional<String> next) throws StoreException {
        try {
            Objects page =
                    client.objects()
                            .list(bucket)
                            .setPrefix(prefix)
                            .setPageToken(next.orElse(null))
                            .setMaxResults(PAGE)
                            .setFields(FIELDS)
                            .execute();
            List<StorageObject> items = page.getItems();
            return new ListPage(
                    items == null ? List.of() : items.stream().map(GcsBucket::object).toList(),
                    Optional.ofNullable(page.getNextPageToken()));
        } catch (IOException e) {
            throw failure(e);
        } catch (IllegalArgumentException e) {
            throw new StoreException(
                    StoreException.Kind.TRANSIENT, "the answer is no listing: " + e, e);
        }
    }

    private static StoredObject object(StorageObject object) {
        return new StoredObject(
                object.getName(),
                object.getSize().longValueExact(),
                object.getGeneration().toString(),
                Instant.ofEpochMilli(object.getUpdated().getValue()));
    }

    @Override
    public @Owned ObjectContent open(StoredObject object, long offset) throws StoreException {
        try {
            Storage.Objects.Get get =
                    client.objects()
                            .get(bucket, object.key())
                            .setIfGenerationMatch(Long.valueOf(object.etag()));
            // The bytes as they are stored: what is compressed stays so.
            get.setReturnRawInputStream(true);
            if (offset > 0) {
                get.getRequestHeaders().setRange("bytes=" + offset + "-");
            }
            HttpResponse answer = get.executeMedia();
            return new ObjectContent(answer.getContent(), checksum(answer), answer::disconnect);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Sums of the whole object, such as {@code crc32c=n03x6A==,md5=...}. */
    private static Optional<Checksum> checksum(HttpResponse answer) {
        return answer.getHeaders().getHeaderStringValues("x-goog-hash").stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(String::strip)
                .filter(sum -> sum.startsWith("crc32c="))
                .findFirst()
                .map(sum ->
                        Checksum.ofBytes(
                                Checksum.Algorithm.CRC32C,
                                Base64.getDecoder().decode(sum.substring("crc32c=".length()))));
    }

    private static StoreException failure(IOException e) {
        if (e instanceof HttpResponseException answer) {
            int status = answer.getStatusCode();
            return status == 401 || status == 403
                    ? refused("status " + status + ": " + answer.getContent(), e)
                    : StoreException.ofStatus(
                            status, "status " + status + ": " + answer.getContent(), e);
        }
        if (e instanceof Retryable token && !token.isRetryable()) {
            return refused(e.toString(), e);
        }
        return new StoreException(StoreException.Kind.TRANSIENT, e.toString(), e);
    }

    /** Credentials were refused, in the words of repository section 16. */
    static StoreException refused(String reason, Exception cause) {
        return new StoreException(
                StoreException.Kind.CREDENTIALS,
                "Unable to create GCS client. Check account credentials. " + reason,
                cause);
    }

    @Override
    public void close() {
        try {
            transport.shutdown();
        } catch (IOException e) {
            log.debug("connections to Google did not end well", e);
        }
    }
}
