package io.nereid.store.s3;

import io.nereid.protocol.Owned;
import io.nereid.repository.store.Checksum;
import io.nereid.repository.store.ListPage;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ObjectContent;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoredObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket. Owns its client, which may be used by several threads. */
final class S3Bucket implements ModelStore {
    /** Refusals of credentials that do not say so by their status. */
    private static final Set<String> CREDENTIAL_CODES =
            Set.of("ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed");

    private static final Pattern MD5 = Pattern.compile("\"?([0-9a-fA-F]{32})\"?");

    /** Buckets whose ETags look like sums of their bytes but are none. */
    private static final String DIRECTORY_BUCKET = "--x-s3";

    private final S3Client client;
    private final String bucket;

    S3Bucket(@Owned S3Client client, String bucket) {
        this.client = client;
        this.bucket = bucket;
    }

    @Override
    public ListPage list(String prefix, Optional<String> next) throws StoreException {
        ListObjectsV2Response page =
                ask(() ->
                        client.listObjectsV2(
                                ListObjectsV2Request.builder()
                                        .bucket(bucket)
                                        .prefix(prefix)
                                        .continuationToken(next.orElse(null))
                                        .build()));
        if (page.isTruncated() == null) {
            // The SDK takes an answer without a body for an empty bucket.
            throw new StoreException(
                    StoreException.Kind.TRANSIENT,
                    "the answer is no listing",
                    new IOException("no IsTruncated"));
        }
        return new ListPage(
                page.contents().stream().map(S3Bucket::object).toList(),
                Optional.ofNullable(page.nextContinuationToken()));
    }

    private static StoredObject object(S3Object object) {
        return new StoredObject(object.key(), object.size(), object.eTag(), object.lastModified());
    }

    @Override
    public @Owned ObjectContent open(StoredObject object, long offset) throws StoreException {
        ResponseInputStream<GetObjectResponse> answer =
                ask(() ->
                        client.getObject(
                                GetObjectRequest.builder()
                                        .bucket(bucket)
                                        .key(object.key())
                                        .ifMatch(object.etag())
                                        .range(offset == 0 ? null : "bytes=" + offset + "-")
                                        .build()));
        ObjectContent content =
                new ObjectContent(
                        new SdkStream(answer), checksum(answer.response()), answer::abort);
        boolean right = false;
        try {
            requireRight(object, offset, answer.response());
            right = true;
            return content;
        } finally {
            if (!right) {
                content.close();
            }
        }
    }

    /** Not every store that speaks S3 minds conditions and ranges. */
    private static void requireRight(StoredObject object, long offset, GetObjectResponse answer)
            throws StoreException {
        if (!object.etag().equals(answer.eTag())) {
            throw new StoreException(
                    StoreException.Kind.CHANGED,
                    "its ETag is " + answer.eTag() + ", listed was " + object.etag(),
                    new IOException("changed"));
        }
        if (offset > 0 && answer.contentRange() == null) {
            throw new StoreException(
                    StoreException.Kind.PERMANENT,
                    "the store does not send parts of objects",
                    new IOException("no Content-Range"));
        }
    }

    /** An ETag is an MD5 sum unless the object came in parts or is encrypted with a key. */
    private Optional<Checksum> checksum(GetObjectResponse answer) {
        String encryption = answer.serverSideEncryptionAsString();
        if ((encryption != null && encryption.startsWith("aws:kms"))
                || answer.sseCustomerAlgorithm() != null
                || bucket.endsWith(DIRECTORY_BUCKET)) {
            return Optional.empty();
        }
        return Optional.of(MD5.matcher(answer.eTag()))
                .filter(matcher -> matcher.matches())
                .map(matcher -> new Checksum(Checksum.Algorithm.MD5, matcher.group(1)));
    }

    private static <T> T ask(Supplier<T> question) throws StoreException {
        try {
            return question.get();
        } catch (AwsServiceException e) {
            throw failure(e);
        } catch (SdkClientException e) {
            String text = String.valueOf(e.getMessage());
            if (text.startsWith("Unable to load credentials")
                    || text.startsWith("Unable to load region")
                    || text.contains("credentials")) {
                throw refused("SdkClientException", text, e);
            }
            throw new StoreException(StoreException.Kind.TRANSIENT, text, e);
        }
    }

    private static StoreException failure(AwsServiceException e) {
        String code =
                e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                        ? ""
                        : e.awsErrorDetails().errorCode();
        String message =
                e.awsErrorDetails() == null || e.awsErrorDetails().errorMessage() == null
                        ? String.valueOf(e.getMessage())
                        : e.awsErrorDetails().errorMessage();
        if (e.statusCode() == 401 || e.statusCode() == 403 || CREDENTIAL_CODES.contains(code)) {
            return refused(code, message, e);
        }
        return StoreException.ofStatus(
                e.statusCode(),
                "status " + e.statusCode() + (code.isEmpty() ? "" : " " + code) + ": " + message,
                e);
    }

    /** Credentials were refused, in the words of repository section 16. */
    static StoreException refused(String code, String message, Exception cause) {
        return new StoreException(
                StoreException.Kind.CREDENTIALS,
                "Unable to create S3 filesystem client. Check account credentials. Exception: '"
                        + code
                        + "' Message: '"
                        + message
                        + "'",
                cause);
    }

    @Override
    public void close() {
        client.close();
    }

    /** The SDK's stream; what the SDK throws while it reads is a broken connection. */
    private static final class SdkStream extends FilterInputStream {
        SdkStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (SdkException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            try {
                return in.read(bytes, from, count);
            } catch (SdkException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
