package io.nereid.repository.store;

import java.net.URI;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** A real implementation of S3 on loopback, which keeps objects in memory and checks signatures. */
public final class S3Server implements AutoCloseable {
    public static final String KEY_ID = "nereid";
    public static final String SECRET = "secret-of-nereid";

    private final BlobStoreContext context;
    private final S3Proxy server;

    public S3Server(String... buckets) throws Exception {
        context =
                ContextBuilder.newBuilder(new TransientApiMetadata())
                        .credentials("identity", "credential")
                        .build(BlobStoreContext.class);
        BlobStore objects = context.getBlobStore();
        for (String bucket : buckets) {
            objects.createContainerInLocation(null, bucket);
        }
        server =
                S3Proxy.builder()
                        .blobStore(objects)
                        .endpoint(URI.create("http://127.0.0.1:0"))
                        .awsAuthentication(AuthenticationType.AWS_V4, KEY_ID, SECRET)
                        .build();
        server.start();
    }

    public int port() {
        return server.getPort();
    }

    public void put(String bucket, String key, byte[] bytes) {
        BlobStore objects = context.getBlobStore();
        objects.putBlob(
                bucket,
                objects.blobBuilder(key).payload(bytes).contentLength(bytes.length).build());
    }

    public void remove(String bucket, String key) {
        context.getBlobStore().removeBlob(bucket, key);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 of the test does not stop", e);
        }
        context.close();
    }
}
