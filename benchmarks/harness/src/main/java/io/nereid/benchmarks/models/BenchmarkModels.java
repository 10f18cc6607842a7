package io.nereid.benchmarks.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The model repository that is measured. Every model has two instances on the CPU that compute with
 * one thread each.
 */
public final class BenchmarkModels {
    private static final String TWICE = "instance_group [{ kind: KIND_CPU count: 2 }]\n";
    private static final String ONNX =
            "platform: \"onnxruntime_onnx\"\nbackend: \"onnxruntime\"\n"
                    + TWICE
                    + "parameters { key: \"intra_op_thread_count\" value { string_value: \"1\" }"
                    + " }\n";

    private static final String IMAGE =
            "input [{ name: \"X\" data_type: TYPE_FP32 dims: [3, 224, 224] }]\n";
    private static final String STEP =
            """
            max_batch_size: 8
            input [{ name: "X" data_type: TYPE_FP32 dims: [16] }]
            output [{ name: "Y" data_type: TYPE_FP32 dims: [16] }]
            """;

    private BenchmarkModels() {}

    /** Writes all of them; what is there is overwritten. */
    public static void write(Path repository) throws IOException {
        writeAddSub(repository, "add_sub", "");
        writeAddSub(repository, "add_sub_batched", "dynamic_batching {}\n");
        writeEnsemble(repository);
        write(repository, "image", ONNX + "max_batch_size: 4\n" + IMAGE + output("Y", 8), image());
        write(
                repository,
                "mobilenet",
                ONNX + "max_batch_size: 1\n" + IMAGE + output("Y", 1000),
                MobileNet.model());
        configure(repository, "identity", identity("TYPE_FP32"));
        configure(repository, "identity_uint8", identity("TYPE_UINT8"));
    }

    /** Writes {@code add_sub}, the tiny one, alone. */
    public static void writeTiny(Path repository) throws IOException {
        writeAddSub(repository, "add_sub", "");
    }

    private static void writeAddSub(Path repository, String name, String batching)
            throws IOException {
        String tensors =
                "input [{ name: \"INPUT0\" data_type: TYPE_FP32 dims: [16] },"
                        + " { name: \"INPUT1\" data_type: TYPE_FP32 dims: [16] }]\n"
                        + "output [{ name: \"OUTPUT0\" data_type: TYPE_FP32 dims: [16] },"
                        + " { name: \"OUTPUT1\" data_type: TYPE_FP32 dims: [16] }]\n";
        List<String> both = List.of("INPUT0", "INPUT1");
        byte[] model =
                new OnnxGraph()
                        .input("INPUT0", 16)
                        .input("INPUT1", 16)
                        .node("Add", both, "OUTPUT0")
                        .node("Sub", both, "OUTPUT1")
                        .output("OUTPUT0", 16)
                        .output("OUTPUT1", 16)
                        .model();
        write(repository, name, ONNX + "max_batch_size: 8\n" + tensors + batching, model);
    }

    /** Three steps of one operator each, and the ensemble of them. */
    private static void writeEnsemble(Path repository) throws IOException {
        StringBuilder steps = new StringBuilder();
        List<String> operators = List.of("Add", "Mul", "Sub");
        for (int i = 0; i < operators.size(); i++) {
            String name = "step" + i;
            byte[] model =
                    new OnnxGraph()
                            .input("X", 16)
                            .floats("two", new float[] {2}, 1)
                            .node(operators.get(i), List.of("X", "two"), "Y")
                            .output("Y", 16)
                            .model();
            write(repository, name, ONNX + STEP, model);
            steps.append(
                    """
                    step {
                      model_name: "%s"
                      model_version: -1
                      input_map { key: "X" value: "%s" }
                      output_map { key: "Y" value: "%s" }
                    }
                    """
                            .formatted(
                                    name,
                                    i == 0 ? "X" : "t" + i,
                                    i == operators.size() - 1 ? "Y" : "t" + (i + 1)));
        }
        configure(
                repository,
                "ensemble",
                "platform: \"ensemble\"\n" + STEP + "ensemble_scheduling {\n" + steps + "}\n");
    }

    /** Takes the first eight values of an image: transport without computing. */
    private static byte[] image() {
        return new OnnxGraph()
                .input("X", 3, 224, 224)
                .integers("starts", 0, 0, 0)
                .integers("ends", 1, 1, 8)
                .integers("axes", 1, 2, 3)
                .integers("shape", -1, 8)
                .node("Slice", List.of("X", "starts", "ends", "axes"), "corner")
                .node("Reshape", List.of("corner", "shape"), "Y")
                .output("Y", 8)
                .model();
    }

    private static String output(String name, int size) {
        return "output [{ name: \"%s\" data_type: TYPE_FP32 dims: [%d] }]\n".formatted(name, size);
    }

    private static String identity(String type) {
        return "backend: \"identity\"\n"
                + TWICE
                + "input [{ name: \"INPUT0\" data_type: %s dims: [-1] }]\n".formatted(type)
                + "output [{ name: \"OUTPUT0\" data_type: %s dims: [-1] }]\n".formatted(type);
    }

    private static void write(Path repository, String name, String config, byte[] model)
            throws IOException {
        configure(repository, name, config);
        Files.write(repository.resolve(name, "1", "model.onnx"), model);
    }

    private static void configure(Path repository, String name, String config) throws IOException {
        Files.createDirectories(repository.resolve(name, "1"));
        Files.writeString(repository.resolve(name, "config.pbtxt"), config);
    }
}
