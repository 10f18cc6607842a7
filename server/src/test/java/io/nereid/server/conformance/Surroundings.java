package io.nereid.server.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Files that recorded requests name: a shared memory region, a folder as SageMaker lays it out, a
 * trace file. Their names carry the process id, so that two builds on one machine do not meet.
 */
final class Surroundings implements AutoCloseable {
    private static final String REGION = "nereid_golden";
    private static final int REGION_BYTES = 256;
    private static final int[] REGION_VALUES = {1, 2, 3, 4, 1, 1, 1, 1};

    /** The only place that the protocol lets SageMaker's models come from. */
    private static final Path SAGEMAKER_MODELS = Path.of("/opt/ml/models");

    private final Places places;
    private final List<Path> made;

    private Surroundings(Places places, List<Path> made) {
        this.places = places;
        this.made = made;
    }

    static Surroundings make(Path repository, Path scratch) throws IOException {
        String own = REGION + "_" + ProcessHandle.current().pid();
        Path region = Path.of("/dev/shm", own);
        Path models = SAGEMAKER_MODELS.resolve("golden" + ProcessHandle.current().pid());
        Files.write(region, regionBytes());
        Path model = repository.resolve("add_sub_fp32");
        if (Files.exists(model) && canHoldModels()) {
            copy(model, models.resolve("model/add_sub_fp32"));
        }
        return new Surroundings(
                new Places(
                        Map.of(
                                "$REPO",
                                repository.toString(),
                                "$TRACE_FILE",
                                scratch.resolve("trace.json").toString(),
                                "$MME_DIR",
                                models.toString(),
                                "$SAGEMAKER_PORT",
                                "0",
                                "$VERTEX_PORT",
                                "0",
                                REGION,
                                own)),
                List.of(region, models));
    }

    Places places() {
        return places;
    }

    /** Whether this process may put models where SageMaker does; true as root, as in a build. */
    static boolean canHoldModels() {
        return Stream.of(SAGEMAKER_MODELS, Path.of("/opt/ml"), Path.of("/opt"), Path.of("/"))
                .filter(Files::exists)
                .findFirst()
                .map(Files::isWritable)
                .orElse(false);
    }

    @Override
    public void close() {
        made.forEach(Surroundings::delete);
    }

    private static byte[] regionBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(REGION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : REGION_VALUES) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path, e);
        }
    }
}
