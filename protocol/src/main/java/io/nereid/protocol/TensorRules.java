package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

    private TensorRules(ModelConfigProto.ModelConfig message) {
        this.message = message;
    }

    static void check(ModelConfigProto.ModelConfig message) {
        new TensorRules(message).check();
    }

    private void check() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < message.getInputCount(); i++) {
            ModelInput input = message.getInput(i);
            Io io = Io.of(input, i);
            checkIo(io);
            if (input.getFormat() != ModelInput.Format.FORMAT_NONE && io.dims.size() != 3) {
                throw broken(io.path + ".format", "model input NHWC/NCHW require 3 dims");
            }
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
            throw broken(io.path, "model " + io.kind + " must specify 'name'");
        }
        if (DataType.ofConfig(io.type) == DataType.INVALID) {
            throw broken(io.path + ".data_type", io.label() + "must specify 'data_type'");
        }
        if (io.dims.isEmpty()) {
            throw broken(io.path + ".dims", io.label() + "must specify 'dims'");
        }
        boolean emptyReshape = io.reshape.map(List::isEmpty).orElse(false);
        if (emptyReshape && message.getMaxBatchSize() == 0) {
            throw broken(
                    io.path + ".reshape",
                    io.label()
                            + "cannot have empty reshape for non-batching model as scalar tensors"
                            + " are not supported");
        }
        checkDims(io, io.dims, io.path + ".dims", "dimension");
        io.reshape.ifPresent(
                shape -> checkDims(io, shape, io.path + ".reshape.shape", "reshape dimensions"));
        checkCount(io, "dims", io.dims, io.path + ".dims");
        io.reshape.ifPresent(shape -> {
            checkCount(io, "reshape", shape, io.path + ".reshape");
            checkReshape(io, shape);
        });
    }

    private void checkDims(Io io, List<Long> dims, String path, String what) {
        for (int d = 0; d < dims.size(); d++) {
            if (dims.get(d) < 1 && dims.get(d) != Shape.ANY) {
                throw broken(
                        path + "[" + d + "]",
                        io.label()
                                + what
                                + " must be integer >= 1, or -1 to indicate a variable-size"
                                + " dimension");
            }
        }
    }

    private void checkCount(Io io, String what, List<Long> dims, String path) {
        long count = 1;
        for (long dim : dims) {
            if (dim == Shape.ANY) {
                continue;
            }
            boolean overflows = Math.multiplyHigh(count, dim) != 0;
            count *= dim;
            if (overflows || count < 0) {
                throw broken(
                        path,
                        "element count for tensor '"
                                + io.name
                                + " "
                                + what
                                + "' exceeds maximum size of "
                                + Long.MAX_VALUE);
            }
        }
    }

    private void checkReshape(Io io, List<Long> reshape) {
        List<Long> dimsParts = partSizes(io.dims);
        List<Long> reshapeParts = partSizes(reshape);
        boolean dimsVary = dimsParts.size() > 1;
        boolean reshapeVaries = reshapeParts.size() > 1;
        if (dimsVary && reshapeVaries && dimsParts.size() != reshapeParts.size()) {
            throw broken(
                    io.path + ".reshape",
                    io.label()
                            + "has different number of variable-size dimensions for dims and"
                            + " reshape");
        }
        if (!dimsParts.equals(reshapeParts)) {
            throw broken(
                    io.path + ".reshape", io.label() + "has different size for dims and reshape");
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
        if (shapeTensor && !tensorRt) {
            throw broken(
                    io.path + ".is_shape_tensor",
                    "shape tensors are only supported for TensorRT platform");
        }
        if (nonLinear && !tensorRt) {
            throw broken(
                    io.path + ".is_non_linear_format_io",
                    "Non-linear IO format is only supported for the TensorRT platform");
        }
        if (nonLinear && io.dims.size() != 3) {
            throw broken(io.path + ".dims", "Non-linear IO format " + io.kind + " requires 3 dims");
        }
    }

    private void checkUnique(Io io, Set<String> names) {
        if (!names.add(io.name)) {
            throw broken(io.path + ".name", io.label() + "is specified more than once");
        }
    }

    private InvalidConfigException broken(String path, String text) {
        return new InvalidConfigException(path, text + " for " + message.getName());
    }
}
