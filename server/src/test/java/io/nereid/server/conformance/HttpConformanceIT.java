package io.nereid.server.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The real server answers HTTP as the reference did, under every recorded command line. */
final class HttpConformanceIT {
    private static final List<String> KEYS =
            List.of(
                    "main",
                    "shm",
                    "none",
                    "small",
                    "restricted",
                    "bad",
                    "bad-lax",
                    "sagemaker",
                    "vertex");

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicContainer> answersAsRecorded() {
        return KEYS.stream().map(key -> Replay.container("HTTP", key, () -> replay(key)));
    }

    /** Every case in file order, because some change what later ones see. */
    private Replay.Results replay(String key) throws IOException {
        Replay.Results results = new Replay.Results();
        try (GoldenServer server = GoldenServer.start(key, scratch)) {
            for (GoldenCase golden : GoldenCase.of(key, server.places())) {
                results.add(golden.name(), answer(server.port(golden.endpoint()), golden));
            }
        }
        return results;
    }

    private static Optional<String> answer(int port, GoldenCase golden) {
        try {
            Optional<String> difference =
                    Comparison.difference(golden, Exchange.send(port, golden));
            return difference.isPresent() ? difference : regionDifference(golden);
        } catch (IOException e) {
            return Optional.of("no answer: " + e);
        }
    }

    private static Optional<String> regionDifference(GoldenCase golden) throws IOException {
        if (golden.regionAfter().isEmpty()) {
            return Optional.empty();
        }
        GoldenCase.RegionBytes expected = golden.regionAfter().get();
        byte[] region = Files.readAllBytes(Path.of("/dev/shm" + expected.key()));
        int from = Math.toIntExact(expected.offset());
        String found = HexFormat.of().formatHex(region, from, from + expected.bytes().length() / 2);
        return found.equals(expected.bytes())
                ? Optional.empty()
                : Optional.of("region " + found + ", expected " + expected.bytes());
    }
}
