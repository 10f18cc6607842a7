package io.nereid.benchmarks.jmh;

import io.nereid.benchmarks.limits.Tensors;
import io.nereid.benchmarks.models.BenchmarkModels;
import io.nereid.benchmarks.models.InferBody;
import io.nereid.benchmarks.models.ModelConfigs;
import io.nereid.benchmarks.models.Requests;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.http.DecodedRequest;
import io.nereid.protocol.http.HttpInferDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A request of the benchmark in native memory: its body, its tensors, its model's configuration.
 * Used by one thread at a time.
 */
final class Fixture implements AutoCloseable {
    private static final long IDLE_BYTES = 64 << 20;
    private static final long LARGEST_INPUT = 64 << 20;

    private final SlabAllocator allocator = new SlabAllocator(IDLE_BYTES, false);
    private final HttpInferDecoder decoder = new HttpInferDecoder(allocator, LARGEST_INPUT);
    private final Path repository;
    private final ModelConfig config;
    private final List<Tensor> tensors;
    private final TensorBuffer body;
    private final long jsonLength;

    private Fixture(Path repository, Requests request) throws IOException {
        this.repository = repository;
        BenchmarkModels.write(repository);
        config = ModelConfigs.read(repository, request.model());
        tensors = Tensors.of(request.inputs(), allocator);
        InferBody whole = request.body();
        body = allocator.allocate(whole.bytes().size());
        body.segment().asByteBuffer().put(whole.bytes().asReadOnlyByteBuffer());
        jsonLength = whole.jsonLength() == 0 ? body.byteSize() : whole.jsonLength();
    }

    static @Owned Fixture of(Requests request) throws IOException {
        return new Fixture(Files.createTempDirectory("nereid-benchmark"), request);
    }

    SlabAllocator allocator() {
        return allocator;
    }

    ModelConfig config() {
        return config;
    }

    /** Where the models lie. */
    Path repository() {
        return repository;
    }

    /** Decodes the body as the HTTP front end does. */
    DecodedRequest decode() {
        return decoder.decode(config, OptionalLong.empty(), body.retain(), jsonLength);
    }

    /** A request that is ready for a scheduler. */
    @Owned
    InferenceRequest request() {
        InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
        tensors.forEach(tensor -> request.addInput(tensor.retain()));
        config.validator().validate(request);
        return request;
    }

    /** An answer that gives the inputs back. */
    @Owned
    InferenceResponse response() {
        return new InferenceResponse(
                "", config.name(), 1, Map.of(), tensors.stream().map(Tensor::retain).toList());
    }

    @Override
    public void close() throws IOException {
        body.close();
        tensors.forEach(tensor -> tensor.buffer().close());
        allocator.close();
        try (Stream<Path> files = Files.walk(repository)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
