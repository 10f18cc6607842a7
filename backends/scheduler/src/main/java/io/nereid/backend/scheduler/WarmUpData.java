package io.nereid.backend.scheduler;

import io.nereid.backend.scheduler.data.DataDirectory;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelWarmup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** The bytes of warm-up inputs: zeros, random numbers, or those of a file. */
final class WarmUpData {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final long SEED = 20;

    private final DataDirectory files;

    /**
     * @param files where data files lie
     */
    WarmUpData(DataDirectory files) {
        this.files = files;
    }

    /**
     * The bytes of one item of an input.
     *
     * @throws StatusException INVALID_ARG if the setting does not say what they are, INTERNAL if a
     *     file cannot be read
     */
    @Owned
    TensorBuffer open(String name, ModelWarmup.Input input) {
        DataType type = DataType.ofConfig(input.getDataType());
        long elements = elements(name, input);
        return switch (input.getInputDataTypeCase()) {
            case ZERO_DATA -> files.zeros(type, elements);
            case RANDOM_DATA -> random(type, elements);
            case INPUT_DATA_FILE -> files.read(input.getInputDataFile(), type, elements);
            case INPUTDATATYPE_NOT_SET ->
                    throw StatusException.invalidArgument(
                            "[request id: <id_unknown>] warmup setting expects input '"
                                    + name
                                    + "' to have input_data_type set");
        };
    }

    private static long elements(String name, ModelWarmup.Input input) {
        long elements = 1;
        for (long dim : input.getDimsList()) {
            if (dim < 0) {
                throw StatusException.invalidArgument(
                        "warmup setting expects all variable-size dimensions are specified for"
                                + " input '"
                                + name
                                + "'");
            }
            elements = multiply(name, elements, dim);
        }
        // The widest element is 8 bytes.
        long _ = multiply(name, elements, Long.BYTES);
        return elements;
    }

    private static long multiply(String name, long product, long factor) {
        try {
            return Math.multiplyExact(product, factor);
        } catch (ArithmeticException e) {
            throw StatusException.invalidArgument(
                    "element count for warmup input '"
                            + name
                            + "' exceeds maximum size of "
                            + Long.MAX_VALUE);
        }
    }

    /** The same numbers each time; real numbers lie between 0 and 1. Strings are empty. */
    private @Owned TensorBuffer random(DataType type, long elements) {
        TensorBuffer buffer = files.zeros(type, elements);
        if (type != DataType.BYTES) {
            fillRandomly(type, buffer.segment());
        }
        return buffer;
    }

    private static void fillRandomly(DataType type, MemorySegment bytes) {
        SplittableRandom random = new SplittableRandom(SEED);
        int width = Math.max(1, type.byteSize());
        for (long at = 0; at + width <= bytes.byteSize(); at += width) {
            switch (type) {
                case FP64 -> bytes.set(LONG, at, Double.doubleToRawLongBits(random.nextDouble()));
                case FP32 -> bytes.set(INT, at, Float.floatToRawIntBits(next(random)));
                case FP16 -> bytes.set(SHORT, at, Float.floatToFloat16(next(random)));
                case BF16 ->
                        bytes.set(
                                SHORT, at, (short) (Float.floatToRawIntBits(next(random)) >>> 16));
                case BOOL ->
                        bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (random.nextBoolean() ? 1 : 0));
                default -> {
                    for (int i = 0; i < width; i++) {
                        bytes.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt());
                    }
                }
            }
        }
    }

    private static float next(SplittableRandom random) {
        return (float) random.nextDouble();
    }
}
