package io.nereid.store.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobDownloadResponse;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import io.nereid.protocol.Owned;
import io.nereid.repository.store.Checksum;
import io.nereid.repository.store.ListPage;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ObjectContent;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoredObject;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A container. Used by several threads; its HTTP client ends with it when it is collected. */
final class AzureContainer implements ModelStore {
    private static final int PAGE = 1000;

    /** Asking again is the repository's affair. */
    private static final DownloadRetryOptions ONCE =
            new DownloadRetryOptions().setMaxRetryRequests(0);

    /** Set on blobs that stand for directories of hierarchical accounts. */
    private static final String FOLDER = "hdi_isfolder";

    /** A refusal that does not say so by its status. */
    private static final String NOT_PUBLIC = "PublicAccessNotPermitted";

    private final BlobContainerClient client;
    private final StoreTimeouts timeouts;

    AzureContainer(BlobContainerClient client, StoreTimeouts timeouts) {
        this.client = client;
        this.timeouts = timeouts;
    }

    @Override
    public ListPage list(String prefix, Optional<String> next) throws StoreException {
        ListBlobsOptions options =
                new ListBlobsOptions()
                        .setPrefix(prefix)
                        .setMaxResultsPerPage(PAGE)
                        .setDetails(new BlobListDetails().setRetrieveMetadata(true));
        Optional<PagedResponse<BlobItem>> page =
                ask(() -> {
                    Iterator<PagedResponse<BlobItem>> pages =
                            client.listBlobs(options, next.orElse(null), timeouts.read())
                                    .iterableByPage()
                                    .iterator();
                    return pages.hasNext() ? Optional.of(pages.next()) : Optional.empty();
                });
        return page.map(AzureContainer::page)
                .orElseGet(() -> new ListPage(List.of(), Optional.empty()));
    }

    private static ListPage page(PagedResponse<BlobItem> page) {
        return new ListPage(
                page.getValue().stream()
                        .filter(blob -> !isFolder(blob))
                        .map(AzureContainer::object)
                        .toList(),
                Optional.ofNullable(page.getContinuationToken()).filter(text -> !text.isEmpty()));
    }

    private static boolean isFolder(BlobItem blob) {
        Map<String, String> metadata = blob.getMetadata();
        return metadata != null && "true".equalsIgnoreCase(metadata.get(FOLDER));
    }

    private static StoredObject object(BlobItem blob) {
        return new StoredObject(
                blob.getName(),
                blob.getProperties().getContentLength(),
                blob.getProperties().getETag(),
                blob.getProperties().getLastModified().toInstant());
    }

    @Override
    public @Owned ObjectContent open(StoredObject object, long offset) throws StoreException {
        BlobRequestConditions listed = new BlobRequestConditions().setIfMatch(quoted(object));
        BlockStream blocks =
                new BlockStream(
                        offset,
                        object.size(),
                        (range, out) -> {
                            BlobDownloadResponse answer =
                                    client.getBlobClient(object.key())
                                            .downloadStreamWithResponse(
                                                    out,
                                                    range,
                                                    ONCE,
                                                    listed,
                                                    false,
                                                    null,
                                                    Context.NONE);
                            return Optional.ofNullable(
                                    answer.getDeserializedHeaders().getBlobContentMD5());
                        });
        Optional<Checksum> checksum =
                ask(blocks::readBlock)
                        .filter(sum -> sum.length > 0)
                        .map(sum -> Checksum.ofBytes(Checksum.Algorithm.MD5, sum));
        return new ObjectContent(blocks, checksum, blocks::close);
    }

    /** Listings tell ETags without the quotes that HTTP has around them. */
    private static String quoted(StoredObject object) {
        return object.etag().startsWith("\"") ? object.etag() : "\"" + object.etag() + "\"";
    }

    private static <T> T ask(Supplier<T> question) throws StoreException {
        try {
            return question.get();
        } catch (BlobStorageException e) {
            throw failure(e);
        } catch (ClientAuthenticationException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            // The SDK has no type for what happens to connections.
            throw new StoreException(StoreException.Kind.TRANSIENT, e.toString(), e);
        }
    }

    private static StoreException failure(BlobStorageException e) {
        String code = String.valueOf(e.getErrorCode());
        String text = "status " + e.getStatusCode() + " " + code;
        return e.getStatusCode() == 401 || e.getStatusCode() == 403 || code.equals(NOT_PUBLIC)
                ? refused(text, e)
                : StoreException.ofStatus(e.getStatusCode(), text, e);
    }

    /** Credentials were refused, in the words of repository section 16. */
    static StoreException refused(String reason, Exception cause) {
        return new StoreException(
                StoreException.Kind.CREDENTIALS,
                "Unable to create Azure filesystem client. Check account credentials. " + reason,
                cause);
    }

    @Override
    public void close() {}
}
