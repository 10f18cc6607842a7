package io.nereid.backend.djl;

import io.nereid.backend.BackendHarness;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Models and their configurations for the tests of both engines. */
final class DjlFixtures {
    /** Where the build of the TensorFlow backend unpacks its libraries, or this one's for it. */
    static final Map<String, String> SETTINGS =
            Map.of("tensorflow-library-path", "../tensorflow/target/backend/native");

    static final String ADD_SUB =
            """
            max_batch_size: 8
            input [
              { name: "INPUT0" data_type: TYPE_INT32 dims: [ 16 ] },
              { name: "INPUT1" data_type: TYPE_INT32 dims: [ 16 ] } ]
            output [
              { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 16 ] },
              { name: "OUTPUT1" data_type: TYPE_INT32 dims: [ 16 ] } ]
            """;

    private static final Path MODELS = Path.of("src", "test", "resources", "models");

    private DjlFixtures() {}

    static String engine(String name) {
        return "backend: 'djl' " + parameter("engine", name);
    }

    static String parameter(String key, String value) {
        return "parameters { key: '%s' value { string_value: '%s' } }\n".formatted(key, value);
    }

    /** A copy of a fixture as version 1 of the model {@code m}. */
    static Fixture place(Path root, String fixture, String config) {
        String target = fixture.substring(fixture.lastIndexOf('.') + 1);
        return BackendHarness.place(root, "m", MODELS.resolve(fixture), "model." + target, config);
    }

    /** The twenty pictures, 64 pixels each, from 0 to 1. */
    static float[] pixels() throws IOException {
        List<Float> pixels = new ArrayList<>();
        for (String line : Files.readAllLines(MODELS.resolve("digits_test.csv"))) {
            for (String pixel : line.substring(line.indexOf(',') + 1).split(",", -1)) {
                pixels.add(Float.parseFloat(pixel) / 255f);
            }
        }
        return floats(pixels);
    }

    /** The probabilities that the model's framework gave for the pictures, 10 for each. */
    static float[] probabilities(String fixture) throws IOException {
        List<Float> probabilities = new ArrayList<>();
        for (String line : Files.readAllLines(MODELS.resolve(fixture + ".csv"))) {
            for (String probability : line.split(",", -1)) {
                probabilities.add(Float.parseFloat(probability));
            }
        }
        return floats(probabilities);
    }

    static float[] floats(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
