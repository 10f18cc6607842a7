package io.nereid.load.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Makes the values that are sent: up, or out of files. */
public final class InputLoader {
    private final ModelShape model;
    private final DataOptions options;
    private final RandomGenerator random;

    private InputLoader(ModelShape model, DataOptions options, RandomGenerator random) {
        this.model = model;
        this.options = options;
        this.random = random;
    }

    /**
     * The values for a model.
     *
     * @throws StatusException INVALID_ARG with what is wrong with options or files
     */
    public static InputData load(ModelShape model, DataOptions options, RandomGenerator random) {
        model.checkBatch(options.batch());
        InputLoader loader = new InputLoader(model, options, random);
        loader.checkNames();
        return switch (options.source()) {
            case DataOptions.Source.Zero _ -> loader.madeUp(false);
            case DataOptions.Source.Random _ -> loader.madeUp(true);
            case DataOptions.Source.Folder(Path folder) -> loader.folder(folder);
            case DataOptions.Source.Files(List<Path> files) -> loader.files(files);
        };
    }

    private void checkNames() {
        Set<String> known =
                model.inputs().stream().map(InputSpec::name).collect(Collectors.toSet());
        for (String name : options.shapes().keySet()) {
            if (!known.contains(name)) {
                throw StatusException.invalidArgument(
                        "--shape names input '"
                                + name
                                + "', model '"
                                + model.name()
                                + "' has "
                                + new TreeSet<>(known));
            }
        }
    }

    private InputData madeUp(boolean anyValues) {
        List<TensorValue> inputs = new ArrayList<>();
        for (InputSpec input : model.inputs()) {
            if (!input.optional()) {
                Shape dims = dims(input);
                inputs.add(rows(input, dims, madeUp(input, dims, anyValues)));
            }
        }
        return InputData.ofOne(List.copyOf(inputs));
    }

    /** All rows at once, so that they differ from one another. */
    private byte[] madeUp(InputSpec input, Shape dims, boolean anyValues) {
        int rows = input.batched() ? options.batch() : 1;
        long elements = Math.multiplyExact(rows, dims.elementCount());
        ElementWriter writer = new ElementWriter(input.type());
        for (long i = 0; i < elements; i++) {
            if (input.type() == DataType.BYTES
                    && (options.stringData().isPresent() || !anyValues)) {
                writer.text(options.stringData().orElse(""));
            } else if (anyValues) {
                writer.random(random, options.stringLength());
            } else {
                writer.number(0, 0);
            }
        }
        return writer.toByteArray();
    }

    private TensorValue rows(InputSpec input, Shape dims, byte[] bytes) {
        Shape shape = input.batched() ? dims.withLeading(options.batch()) : dims;
        return TensorValue.wrap(input.name(), input.type(), shape, bytes);
    }

    private InputData folder(Path folder) {
        List<TensorValue> inputs = new ArrayList<>();
        for (InputSpec input : model.inputs()) {
            Path file = folder.resolve(input.name());
            if (Files.exists(file)) {
                Shape dims = dims(input);
                inputs.add(batch(input, dims, read(input, file)));
            } else if (!input.optional()) {
                throw StatusException.invalidArgument(
                        "there is no file " + file + " for input '" + input.name() + "'");
            }
        }
        return InputData.ofOne(List.copyOf(inputs));
    }

    private static byte[] read(InputSpec input, Path file) {
        try {
            if (input.type() != DataType.BYTES) {
                return Files.readAllBytes(file);
            }
            ElementWriter writer = new ElementWriter(DataType.BYTES);
            Files.readAllLines(file).forEach(writer::text);
            return writer.toByteArray();
        } catch (IOException e) {
            throw new StatusException(
                    io.nereid.protocol.StatusCode.INVALID_ARG, "cannot read " + file + ": " + e, e);
        }
    }

    private InputData files(List<Path> files) {
        List<List<List<TensorValue>>> streams = new ArrayList<>();
        for (Path file : files) {
            for (List<DataFile.Row> stream : DataFile.read(file, model.inputs())) {
                streams.add(stream.stream().map(this::inputs).toList());
            }
        }
        return new InputData(List.copyOf(streams));
    }

    private List<TensorValue> inputs(DataFile.Row row) {
        List<TensorValue> inputs = new ArrayList<>();
        for (InputSpec input : model.inputs()) {
            Optional<DataFile.Cell> cell = Optional.ofNullable(row.cells().get(input.name()));
            if (cell.isPresent()) {
                Shape dims = cell.get().dims().orElseGet(() -> dims(input));
                inputs.add(batch(input, dims, cell.get().bytes()));
            } else if (!input.optional()) {
                throw StatusException.invalidArgument(
                        row.place() + " has nothing for input '" + input.name() + "'");
            }
        }
        return List.copyOf(inputs);
    }

    /** One row's elements for every row of a request. */
    private TensorValue batch(InputSpec input, Shape dims, byte[] row) {
        if (input.type().hasFixedSize()) {
            long wanted = dims.elementCount() * input.type().byteSize();
            if (row.length != wanted) {
                throw StatusException.invalidArgument(
                        "input '"
                                + input.name()
                                + "' of shape "
                                + dims
                                + " has "
                                + wanted
                                + " bytes, the data for it "
                                + row.length);
            }
        }
        TensorValue one = TensorValue.wrap(input.name(), input.type(), dims, row);
        return input.batched() ? one.repeated(options.batch()) : one;
    }

    private Shape dims(InputSpec input) {
        Shape dims = options.shapes().getOrDefault(input.name(), input.dims());
        if (!dims.isFixed()) {
            throw StatusException.invalidArgument(
                    "input '"
                            + input.name()
                            + "' takes any extents "
                            + dims
                            + ": say which with --shape "
                            + input.name()
                            + ":"
                            + example(dims));
        }
        return dims;
    }

    private static String example(Shape dims) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < dims.rank(); i++) {
            text.append(i == 0 ? "" : ",").append(dims.dim(i) < 0 ? 16 : dims.dim(i));
        }
        return text.toString();
    }
}
