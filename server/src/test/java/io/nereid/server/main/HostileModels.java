package io.nereid.server.main;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes models that no engine can serve, for every engine of the distribution: what a failed copy,
 * a mistake or malice may leave in a repository. Knows why each is refused.
 */
final class HostileModels {
    private static final ByteString PICTURE =
            ByteString.copyFrom(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 0});
    private static final String SAVED_MODEL = "model.savedmodel/saved_model.pb";
    private static final String SPECIAL = "is neither a file nor a directory";
    private static final String OUTSIDE = "is outside model directory";
    private static final String NO_BACKEND = "Could not determine backend for model";
    private static final int CUTS = 4;
    private static final int NOISES = 2;
    private static final int DEPTH = 5_000;

    private final Path repository;
    private final SortedMap<String, String> reasons = new TreeMap<>();
    private final SortedMap<String, String> unpolled = new TreeMap<>();

    HostileModels(Path repository) {
        this.repository = repository;
    }

    /** A pattern in the reason that the index gives, by model. */
    SortedMap<String, String> reasons() {
        return reasons;
    }

    /** A pattern in the reason in the log for models that are not even polled. */
    SortedMap<String, String> unpolled() {
        return unpolled;
    }

    /** Models without a version, of which the index has nothing to say. */
    List<String> withoutVersions() {
        return List.of("...", "version_file", "version_missing");
    }

    /**
     * A format.
     *
     * @param config asks for it
     * @param file where its file lies in a version
     * @param good content of a file that works
     * @param refusal pattern of what its engine says to others
     */
    private record Format(
            String name, String config, String file, ByteString good, String refusal) {}

    /** Writes everything. */
    void writeAll() throws IOException {
        for (Format format : formats()) {
            broken(format);
        }
        onnxGraphs();
        misplaced();
        badConfigurations();
        badNames();
    }

    private static List<Format> formats() throws IOException {
        Path examples = TestServers.examples();
        ByteString onnx = bytes(examples.resolve("digits_cnn/1/model.onnx"));
        ByteString saved =
                bytes(TestServers.resource("/models/digits_cnn.savedmodel/saved_model.pb"));
        String onnxTensors = tensors("image", "1, 8, 8", "probabilities", "10");
        String graphTensors =
                tensors("input", "299, 299, 3", "InceptionV3/Predictions/Softmax", "1001");
        return List.of(
                new Format(
                        "onnx",
                        "platform: 'onnxruntime_onnx' max_batch_size: 64 " + onnxTensors,
                        "model.onnx",
                        onnx,
                        "Protobuf parsing failed|does not have a graph|Missing opset|unable to find '"
                                + "|failed to stat file"),
                new Format(
                        "graphdef",
                        "platform: 'tensorflow_graphdef' max_batch_size: 1 " + graphTensors,
                        "model.graphdef",
                        bytes(examples.resolve("inception_graphdef/1/model.graphdef")),
                        "Invalid GraphDef|unable to read .*: it is |unable to find '"),
                new Format(
                        "savedmodel",
                        "platform: 'tensorflow_savedmodel' max_batch_size: 1",
                        SAVED_MODEL,
                        saved,
                        "unable to read .*: it is |expected 'serve' tag|Read less bytes"
                                + "|Can't parse|Could not find SavedModel|unable to find '"),
                new Format(
                        "dali",
                        "backend: 'dali' max_batch_size: 256 "
                                + tensors("DALI_INPUT_0", "-1", "DALI_OUTPUT_0", "299, 299, 3")
                                        .replaceFirst("TYPE_FP32", "TYPE_UINT8"),
                        "model.dali",
                        bytes(examples.resolve("dali/1/model.dali")),
                        "Failed to load model file"),
                new Format(
                        "djl_onnx",
                        "backend: 'djl' max_batch_size: 64 " + engine("OnnxRuntime") + onnxTensors,
                        "model.onnx",
                        onnx,
                        "Protobuf parsing failed|does not have a graph|Missing opset"
                                + "|unable to find '"),
                new Format(
                        "djl_savedmodel",
                        "backend: 'djl' max_batch_size: 1 " + engine("TensorFlow"),
                        SAVED_MODEL,
                        saved,
                        "cannot read .*: .|unable to find '|SavedModel directories only"));
    }

    private static ByteString bytes(Path file) throws IOException {
        return ByteString.copyFrom(Files.readAllBytes(file));
    }

    private static String engine(String name) {
        return "parameters { key: 'engine' value { string_value: '" + name + "' } } ";
    }

    private static String tensors(String in, String inDims, String out, String outDims) {
        return "input [ { name: '%s' data_type: TYPE_FP32 dims: [ %s ] } ]".formatted(in, inDims)
                + " output [ { name: '%s' data_type: TYPE_FP32 dims: [ %s ] } ]"
                        .formatted(out, outDims);
    }

    private void broken(Format format) throws IOException {
        for (Map.Entry<String, ByteString> content : contents(format.good()).entrySet()) {
            Path file = file(format, content.getKey(), format.refusal());
            Files.write(file, content.getValue().toByteArray());
        }
        Files.createDirectory(file(format, "directory", format.refusal()));
        Path missing = config(format.name() + "_missing", format.config(), format.refusal());
        Files.createDirectory(missing.resolve("1"));
        pipe(file(format, "pipe", SPECIAL));
        Files.createSymbolicLink(file(format, "device", SPECIAL), Path.of("/dev/zero"));
        Files.createSymbolicLink(file(format, "dangling", format.refusal()), Path.of("nowhere"));
        Path loop = file(format, "loop", format.refusal());
        Files.createSymbolicLink(loop, loop.getFileName());
        if (format.file().equals(SAVED_MODEL)) {
            Path plain = config(format.name() + "_plain", format.config(), format.refusal());
            Files.createDirectory(plain.resolve("1"));
            Files.write(plain.resolve("1/model.savedmodel"), format.good().toByteArray());
        }
    }

    private static Map<String, ByteString> contents(ByteString good) throws IOException {
        Map<String, ByteString> contents = new LinkedHashMap<>();
        contents.put("empty", ByteString.EMPTY);
        for (int i = 1; i <= CUTS; i++) {
            int length = i == CUTS ? good.size() - 1 : good.size() * i / CUTS;
            contents.put("cut" + i, good.substring(0, length));
        }
        contents.put("picture", PICTURE);
        contents.put("text", ByteString.copyFromUtf8("hello\n"));
        for (int seed = 0; seed < NOISES; seed++) {
            byte[] noise = new byte[5000];
            new Random(seed).nextBytes(noise);
            contents.put("noise" + seed, ByteString.copyFrom(noise));
        }
        contents.put("huge_length", hugeLength());
        contents.put("nested", nested(7));
        return contents;
    }

    /** Where the file of another model of a format is to be put. */
    private Path file(Format format, String what, String reason) throws IOException {
        Path file =
                config(format.name() + "_" + what, format.config(), reason)
                        .resolve("1")
                        .resolve(format.file());
        Files.createDirectories(file.getParent());
        return file;
    }

    private void onnxGraphs() throws IOException {
        for (HostileOnnx.Graph graph : HostileOnnx.all()) {
            Path model =
                    config("onnx_" + graph.name(), "platform: 'onnxruntime_onnx'", graph.refusal());
            Files.createDirectory(model.resolve("1"));
            Files.write(model.resolve("1/model.onnx"), graph.content().toByteArray());
        }
    }

    private void misplaced() throws IOException {
        Files.createDirectories(repository.resolve("version_missing"));
        Files.writeString(repository.resolve("version_missing/config.pbtxt"), identity(""));
        Files.createDirectories(repository.resolve("version_file"));
        Files.writeString(repository.resolve("version_file/config.pbtxt"), identity(""));
        Files.writeString(repository.resolve("version_file/1"), "");
        Files.writeString(repository.resolve("a_file"), "not a model");
        Files.createSymbolicLink(repository.resolve("link_loop"), Path.of("link_loop"));
        versioned("labels_outside", identity("../../labels"), OUTSIDE);
        versioned("labels_nul", identity("a\\000b"), OUTSIDE);
        pipe(versioned("labels_pipe", identity("labels"), SPECIAL).resolve("labels"));
        String onnx = "platform: 'onnxruntime_onnx' default_model_filename: ";
        versioned("file_outside", onnx + "'../../good/1/model.onnx'", OUTSIDE);
        versioned("file_absolute", onnx + "'/etc/passwd'", OUTSIDE);
        Path locked = versioned("file_locked", onnx + "'m.onnx'", "m.onnx").resolve("1/m.onnx");
        Files.write(
                locked,
                TinyOnnx.adding(1, 0),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
        Files.setPosixFilePermissions(locked, Set.of());
        if (Files.isReadable(locked)) {
            // An administrator may read everything.
            Files.delete(locked);
        }
    }

    private void badConfigurations() throws IOException {
        pipe(unpolled("config_pipe", SPECIAL).resolve("config.pbtxt"));
        Files.createDirectory(
                unpolled("config_directory", "Is a directory").resolve("config.pbtxt"));
        Files.createSymbolicLink(
                unpolled("config_loop", NO_BACKEND).resolve("config.pbtxt"),
                Path.of("config.pbtxt"));
        Files.write(
                unpolled("config_binary", "not valid UTF-8").resolve("config.pbtxt"),
                PICTURE.toByteArray());
        Files.writeString(
                unpolled("config_deep", "nested more than 64").resolve("config.pbtxt"),
                "input {".repeat(100_000));
        Files.createSymbolicLink(unpolled("self", NO_BACKEND).resolve("1"), Path.of("../self"));
    }

    private void badNames() throws IOException {
        Files.createDirectory(repository.resolve("..."));
        unpolled("two words", NO_BACKEND);
        unpolled("line\nbreak", NO_BACKEND);
        unpolled("x".repeat(255), NO_BACKEND);
        run("sh", "-c", "mkdir \"$0/$(printf 'caf\\351')\"", repository.toString());
        unpolled.put("caf\ufffd", "character set");
    }

    private Path unpolled(String model, String reason) throws IOException {
        unpolled.put(model, reason);
        return Files.createDirectory(repository.resolve(model));
    }

    private static String identity(String labels) {
        return "backend: 'identity' input { name: 'x' data_type: TYPE_FP32 dims: 1 }"
                + " output { name: 'x' data_type: TYPE_FP32 dims: 1 label_filename: '"
                + labels
                + "' }";
    }

    private Path versioned(String model, String config, String reason) throws IOException {
        Path directory = config(model, config, reason);
        Files.createDirectory(directory.resolve("1"));
        return directory;
    }

    private Path config(String model, String config, String reason) throws IOException {
        reasons.put(model, reason);
        Path directory = Files.createDirectory(repository.resolve(model));
        Files.writeString(directory.resolve("config.pbtxt"), config);
        return directory;
    }

    private static void pipe(Path file) throws IOException {
        run("mkfifo", file.toString());
    }

    private static void run(String... command) throws IOException {
        try {
            if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
                throw new IOException("failed: " + String.join(" ", command));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** A field that says it is longer than any memory. */
    private static ByteString hugeLength() throws IOException {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeTag(7, 2);
        out.writeUInt64NoTag(1L << 62);
        out.flush();
        return bytes.toByteString();
    }

    /** A message in a message in a message, all in the same field. */
    private static ByteString nested(int field) throws IOException {
        ByteString inner = ByteString.EMPTY;
        for (int i = 0; i < DEPTH; i++) {
            ByteString.Output bytes = ByteString.newOutput();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeBytes(field, inner);
            out.flush();
            inner = bytes.toByteString();
        }
        return inner;
    }

    /** Every model that there is but the good one. */
    Stream<String> names() {
        return Stream.of(reasons.keySet(), unpolled.keySet(), withoutVersions())
                .flatMap(Collection::stream);
    }
}
