package io.nereid.server.conformance;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The real server answers gRPC as the reference did, under every recorded command line. */
final class GrpcConformanceIT {
    private static final List<String> KEYS = List.of("main", "restricted-grpc", "none-grpc");

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicContainer> answersAsRecorded() {
        return KEYS.stream().map(key -> Replay.container("gRPC", key, () -> replay(key)));
    }

    private Replay.Results replay(String key) throws IOException {
        Replay.Results results = new Replay.Results();
        try (GoldenServer server = GoldenServer.start(key, scratch)) {
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                            .usePlaintext()
                            .build();
            try {
                for (GoldenCall golden : GoldenCall.of(key, server.places())) {
                    results.add(golden.name(), answer(channel, golden));
                }
            } finally {
                channel.shutdownNow();
            }
        }
        return results;
    }

    private static Optional<String> answer(ManagedChannel channel, GoldenCall golden)
            throws IOException {
        try {
            return CallComparison.difference(golden, Call.make(channel, golden));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted in " + golden);
        }
    }
}
