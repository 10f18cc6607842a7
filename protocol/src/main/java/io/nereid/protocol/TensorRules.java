package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Rules of inputs and outputs (model-config sections 4.2 and 5). */
final class TensorRules {
    private static final String TENSORRT = "tensorrt_plan";

    /** What inputs and outputs have in common. */
    private record Io(
            String kind,
            String name,
            ModelConfigProto.DataType type,
            List<Long> dims,
            Optional<List<Long>> reshape,
            String path) {

        static Io of(ModelInput input, int index) {
            return new Io(
                    "input",
                    input.getName(),
                    input.getDataType(),
                    input.getDimsList(),
                    input.hasReshape()
                            ? Optional.of(input.getReshape().getShapeList())
                            : Optional.empty(),
                    "input[" + index + "]");
        }

        static Io of(ModelOutput output, int index) {
            return new Io(
                    "output",
                    output.getName(),
                    output.getDataType(),
                    output.getDimsList(),
                    output.hasReshape()
                            ? Optional.of(output.getReshape().getShapeList())
                            : Optional.empty(),
                    "output[" + index + "]");
        }

        String label() {
            return "model " + kind + " '" + name + "' ";
        }
    }

    private final ModelConfigProto.ModelConfig message;
    private final Consumer<InvalidConfigException> breaches;

    private TensorRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.breaches = breaches;
    }

    static void check(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        new TensorRules(message, breaches).check();
    }

    private void check() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < message.getInputCount(); i++) {
            ModelInput input = message.getInput(i);
            Io io = Io.of(input, i);
            checkIo(io);
            checkFormat(io, input.getFormat());
            checkTensorRt(io, input.getIsShapeTensor(), input.getIsNonLinearFormatIo());
            checkUnique(io, names);
        }
        names.clear();
        for (int i = 0; i < message.getOutputCount(); i++) {
            ModelOutput output = message.getOutput(i);
            Io io = Io.of(output, i);
            checkIo(io);
            checkTensorRt(io, output.getIsShapeTensor(), output.getIsNonLinearFormatIo());
            checkUnique(io, names);
        }
    }

    private void checkIo(Io io) {
        if (io.name.isEmpty()) {
            broken(
                    io.path,
                    "model " + io.kind + " must specify 'name'",
                    new Advice(
                            "the name that the model has for the tensor",
                            "an entry without name",
                            "add name: \"...\" to this " + io.kind));
        }
        if (DataType.ofConfig(io.type) == DataType.INVALID) {
            broken(
                    io.path + ".data_type",
                    io.label() + "must specify 'data_type'",
                    new Advice(
                            "an element type",
                            "none",
                            "add data_type: TYPE_FP32, or whatever type the model has"));
        }
        if (io.dims.isEmpty()) {
            broken(
                    io.path + ".dims",
                    io.label() + "must specify 'dims'",
                    new Advice(
                            "at least one dimension",
                            "none",
                            "add dims: [ ... ], without the batch dimension if max_batch_size is"
                                    + " above 0; -1 stands for any size"));
            return;
        }
        boolean emptyReshape = io.reshape.map(List::isEmpty).orElse(false);
        if (emptyReshape && message.getMaxBatchSize() == 0) {
            broken(
                    io.path + ".reshape",
                    io.label()
                            + "cannot have empty reshape for non-batching model as scalar tensors"
                            + " are not supported",
                    new Advice(
                            "max_batch_size above 0, or a shape",
                            "max_batch_size 0 and an empty shape",
                            "remove reshape, or set max_batch_size if the model takes batches"));
            return;
        }
        boolean counted = checkSizes(io, "dims", io.dims, io.path + ".dims", "dimension");
        if (io.reshape.isPresent()) {
            List<Long> shape = io.reshape.get();
            counted &= checkSizes(io, "reshape", shape, io.path + ".reshape", "reshape dimensions");
            if (counted) {
                checkReshape(io, shape);
            }
        }
    }

    private void checkFormat(Io io, ModelInput.Format format) {
        if (format != ModelInput.Format.FORMAT_NONE && io.dims.size() != 3) {
            broken(
                    io.path + ".format",
                    "model input NHWC/NCHW require 3 dims",
                    new Advice(
                            "3 dims: height, width, channels or channels, height, width",
                            io.dims.size() + " dims: " + io.dims,
                            "remove format, it changes nothing, or list 3 dims"));
        }
    }

    /** Whether sizes are sizes and their product is one. */
    private boolean checkSizes(Io io, String what, List<Long> dims, String path, String subject) {
        boolean valid = true;
        String list = what.equals("reshape") ? path + ".shape" : path;
        for (int d = 0; d < dims.size(); d++) {
            if (dims.get(d) < 1 && dims.get(d) != Shape.ANY) {
                valid = false;
                broken(
                        list + "[" + d + "]",
                        io.label()
                                + subject
                                + " must be integer >= 1, or -1 to indicate a variable-size"
                                + " dimension",
                        new Advice(
                                "1 or more, or -1",
                                String.valueOf(dims.get(d)),
                                "write -1 if the size may vary"));
            }
        }
        return valid && checkCount(io, what, dims, path);
    }

    private boolean checkCount(Io io, String what, List<Long> dims, String path) {
        long count = 1;
        for (long dim : dims) {
            if (dim == Shape.ANY) {
                continue;
            }
            boolean overflows = Math.multiplyHigh(count, dim) != 0;
            count *= dim;
            if (overflows || count < 0) {
                broken(
                        path,
                        "element count for tensor '"
                                + io.name
                                + " "
                                + what
                                + "' exceeds maximum size of "
                                + Long.MAX_VALUE,
                        new Advice(
                                "sizes whose product is a number of elements",
                                dims.toString(),
                                "correct the sizes"));
                return false;
            }
        }
        return true;
    }

    private void checkReshape(Io io, List<Long> reshape) {
        List<Long> dimsParts = partSizes(io.dims);
        List<Long> reshapeParts = partSizes(reshape);
        boolean dimsVary = dimsParts.size() > 1;
        boolean reshapeVaries = reshapeParts.size() > 1;
        String found = "dims " + io.dims + " and reshape " + reshape;
        if (dimsVary && reshapeVaries && dimsParts.size() != reshapeParts.size()) {
            broken(
                    io.path + ".reshape",
                    io.label()
                            + "has different number of variable-size dimensions for dims and"
                            + " reshape",
                    new Advice(
                            "as many -1 in reshape as in dims",
                            found,
                            "give each -1 of dims its own -1 in reshape"));
        } else if (!dimsParts.equals(reshapeParts)) {
            broken(
                    io.path + ".reshape",
                    io.label() + "has different size for dims and reshape",
                    new Advice(
                            "as many elements in reshape as in dims",
                            found,
                            "dims is what clients send, reshape what the model takes: correct"
                                    + " whichever is wrong; neither lists the batch dimension"));
        }
    }

    /** Products of the dimensions between those that vary; one part more than those. */
    private static List<Long> partSizes(List<Long> dims) {
        List<Long> parts = new ArrayList<>();
        long part = 1;
        for (long dim : dims) {
            if (dim == Shape.ANY) {
                parts.add(part);
                part = 1;
            } else {
                part *= dim;
            }
        }
        parts.add(part);
        return parts;
    }

    private void checkTensorRt(Io io, boolean shapeTensor, boolean nonLinear) {
        boolean tensorRt = message.getPlatform().equals(TENSORRT);
        Advice forTensorRt =
                new Advice(
                        "platform " + TENSORRT,
                        "platform " + message.getPlatform(),
                        "remove the field");
        if (shapeTensor && !tensorRt) {
            broken(
                    io.path + ".is_shape_tensor",
                    "shape tensors are only supported for TensorRT platform",
                    forTensorRt);
        }
        if (nonLinear && !tensorRt) {
            broken(
                    io.path + ".is_non_linear_format_io",
                    "Non-linear IO format is only supported for the TensorRT platform",
                    forTensorRt);
        } else if (nonLinear && io.dims.size() != 3) {
            broken(
                    io.path + ".dims",
                    "Non-linear IO format " + io.kind + " requires 3 dims",
                    new Advice("3 dims", io.dims.size() + " dims", "list 3 dims"));
        }
    }

    private void checkUnique(Io io, Set<String> names) {
        if (!names.add(io.name)) {
            broken(
                    io.path + ".name",
                    io.label() + "is specified more than once",
                    new Advice(
                            "every " + io.kind + " once",
                            "'" + io.name + "' again",
                            "remove this entry, or correct its name"));
        }
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(
                new InvalidConfigException(path, text + " for " + message.getName(), advice));
    }
}
