package io.nereid.load;

import io.nereid.load.data.DataOptions;
import io.nereid.load.data.DataOptions.Source;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What requests carry. */
final class DataFlags {
    /** How tensors are written. */
    enum Format {
        BINARY,
        JSON
    }

    /** Where tensors are put. */
    enum SharedMemory {
        NONE,
        SYSTEM
    }

    @Option(names = "-b", paramLabel = "<n>", description = "Batch size of requests. Default: 1.")
    private int batch = 1;

    @Option(
            names = "--input-data",
            paramLabel = "random|zero|<path>",
            description =
                    "Values of inputs: made up, zeros, a JSON file as perf_analyzer takes it"
                            + " (repeatable), or a folder with a file for each input. Default:"
                            + " random.")
    private List<String> inputData = new ArrayList<>();

    @Option(
            names = "--shape",
            paramLabel = "<input:d1,d2>",
            description =
                    "Extents of an input, without the batch dimension, where the model takes any."
                            + " Repeatable.")
    private List<String> shapes = new ArrayList<>();

    @Option(
            names = "--string-length",
            paramLabel = "<n>",
            description = "Length of strings that are made up. Default: 128.")
    private int stringLength = 128;

    @Option(
            names = "--string-data",
            paramLabel = "<text>",
            description = "Every string that would be made up.")
    private Optional<String> stringData = Optional.empty();

    @Option(
            names = "--input-tensor-format",
            paramLabel = "binary|json",
            description = "How inputs are written. With HTTP only. Default: binary.")
    private Format inputFormat = Format.BINARY;

    @Option(
            names = "--output-tensor-format",
            paramLabel = "binary|json",
            description = "How outputs are asked for. With HTTP only. Default: binary.")
    private Format outputFormat = Format.BINARY;

    @Option(
            names = "--shared-memory",
            paramLabel = "none|system",
            description =
                    "Put inputs and outputs into shared memory of this machine, which the server"
                            + " must be on. Default: none.")
    private SharedMemory sharedMemory = SharedMemory.NONE;

    @Option(
            names = "--output-shared-memory-size",
            paramLabel = "<bytes>",
            description =
                    "Room in shared memory for each output, per batch row, whose size cannot be"
                            + " known. Default: 102400.")
    private long outputBytes = 102400;

    /** Which values are sent. */
    DataOptions options() {
        if (batch < 1 || stringLength < 0 || outputBytes < 1) {
            throw StatusException.invalidArgument(
                    "-b, --string-length and --output-shared-memory-size take positive numbers");
        }
        return new DataOptions(source(), batch, shapes(), stringLength, stringData);
    }

    /** Rows of a request. */
    int batch() {
        return batch;
    }

    boolean jsonInputs() {
        return inputFormat == Format.JSON;
    }

    boolean jsonOutputs() {
        return outputFormat == Format.JSON;
    }

    boolean sharedMemory() {
        return sharedMemory == SharedMemory.SYSTEM;
    }

    /** Room for an output of unknown size. */
    long outputBytes() {
        return outputBytes;
    }

    /** Whether values come from files, whose streams say how long sequences are. */
    boolean fromFiles() {
        return source() instanceof Source.Files;
    }

    private Source source() {
        if (inputData.isEmpty() || inputData.equals(List.of("random"))) {
            return new Source.Random();
        }
        if (inputData.equals(List.of("zero"))) {
            return new Source.Zero();
        }
        List<Path> paths = inputData.stream().map(Path::of).toList();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw StatusException.invalidArgument("--input-data: there is no " + path);
            }
        }
        if (paths.size() == 1 && Files.isDirectory(paths.getFirst())) {
            return new Source.Folder(paths.getFirst());
        }
        return new Source.Files(paths);
    }

    private Map<String, Shape> shapes() {
        Map<String, Shape> byInput = new LinkedHashMap<>();
        for (String text : shapes) {
            int colon = text.lastIndexOf(':');
            try {
                List<Long> dims = new ArrayList<>();
                for (String dim : text.substring(colon + 1).split(",", -1)) {
                    dims.add(Long.parseUnsignedLong(dim.strip()));
                }
                byInput.put(text.substring(0, Math.max(0, colon)), Shape.of(dims));
            } catch (NumberFormatException e) {
                throw StatusException.invalidArgument(
                        "--shape takes input:d1,d2,..., got '" + text + "'");
            }
        }
        return byInput;
    }
}
