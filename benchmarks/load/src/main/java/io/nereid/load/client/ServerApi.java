package io.nereid.load.client;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatistics;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.util.List;

/**
 * What the load generator asks beside the load. Blocks; every method throws {@link StatusException}
 * with the server's words, or UNAVAILABLE if it cannot be reached. Called on: the main thread.
 */
public interface ServerApi extends AutoCloseable {
    /**
     * A model's inputs and outputs.
     *
     * @param version empty for the newest
     */
    ModelMetadataResponse metadata(String model, String version);

    /** A model's configuration. */
    ModelConfig config(String model, String version);

    /** Statistics of all versions of a model, or of one. */
    List<ModelStatistics> statistics(String model, String version);

    /**
     * Makes a file in {@code /dev/shm} known to the server.
     *
     * @param key name of the file, with a slash in front
     */
    void registerSharedMemory(String region, String key, long byteSize);

    /** Makes the server forget a region. */
    void unregisterSharedMemory(String region);

    @Override
    void close();
}
