package io.nereid.backend.scheduler;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelWarmup;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** The bytes of warm-up inputs: zeros, random numbers, or those of a file. */
final class WarmUpData {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final Filler ZEROS = bytes -> bytes.fill((byte) 0);
    private static final long SEED = 20;
    private static final long CHUNK = 1L << 30;

    private final Path directory;
    private final TensorAllocator allocator;

    /**
     * @param directory where data files lie
     */
    WarmUpData(Path directory, TensorAllocator allocator) {
        this.directory = directory;
        this.allocator = allocator;
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
            case ZERO_DATA -> filled(type, elements, ZEROS);
            case RANDOM_DATA -> filled(type, elements, random(type));
            case INPUT_DATA_FILE -> read(type, elements, input.getInputDataFile());
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

    /** Writes an input's bytes. */
    private interface Filler {
        void fill(MemorySegment bytes);
    }

    /** Strings are empty: each is its length, 0. */
    private @Owned TensorBuffer filled(DataType type, long elements, Filler filler) {
        int width = type == DataType.BYTES ? Integer.BYTES : type.byteSize();
        TensorBuffer buffer = allocator.allocate(elements * width);
        (type == DataType.BYTES ? ZEROS : filler).fill(buffer.segment());
        return buffer;
    }

    /** The same numbers each time; real numbers lie between 0 and 1. */
    private static Filler random(DataType type) {
        SplittableRandom random = new SplittableRandom(SEED);
        return bytes -> {
            int width = Math.max(1, type.byteSize());
            for (long at = 0; at + width <= bytes.byteSize(); at += width) {
                switch (type) {
                    case FP64 ->
                            bytes.set(LONG, at, Double.doubleToRawLongBits(random.nextDouble()));
                    case FP32 -> bytes.set(INT, at, Float.floatToRawIntBits(next(random)));
                    case FP16 -> bytes.set(SHORT, at, Float.floatToFloat16(next(random)));
                    case BF16 ->
                            bytes.set(
                                    SHORT,
                                    at,
                                    (short) (Float.floatToRawIntBits(next(random)) >>> 16));
                    case BOOL ->
                            bytes.set(
                                    ValueLayout.JAVA_BYTE,
                                    at,
                                    (byte) (random.nextBoolean() ? 1 : 0));
                    default -> {
                        for (int i = 0; i < width; i++) {
                            bytes.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt());
                        }
                    }
                }
            }
        };
    }

    private static float next(SplittableRandom random) {
        return (float) random.nextDouble();
    }

    /** As many bytes as the input has, or all if that depends on them. */
    private @Owned TensorBuffer read(DataType type, long elements, String name) {
        Path file = inside(name);
        try (FileChannel channel = FileChannel.open(file)) {
            long expected = type == DataType.BYTES ? channel.size() : elements * type.byteSize();
            if (channel.size() < expected) {
                // The missing blank is the reference's.
                throw StatusException.invalidArgument(
                        "[request id: <id_unknown>] warmup setting expects "
                                + expected
                                + " bytes, but the data provided from "
                                + name
                                + "only has "
                                + channel.size()
                                + " bytes");
            }
            return read(channel, expected);
        } catch (IOException e) {
            String reason =
                    e instanceof NoSuchFileException ? "No such file or directory" : e.toString();
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to open text file for read " + file + ": " + reason,
                    e);
        }
    }

    private @Owned TensorBuffer read(FileChannel channel, long size) throws IOException {
        TensorBuffer buffer = allocator.allocate(size);
        boolean complete = false;
        try {
            for (long at = 0; at < size; at += CHUNK) {
                ByteBuffer chunk =
                        buffer.segment().asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer();
                while (chunk.hasRemaining()) {
                    if (channel.read(chunk) < 0) {
                        throw new IOException("the file ends before its size");
                    }
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                buffer.close();
            }
        }
        return buffer;
    }

    private Path inside(String name) {
        Path file = directory.resolve(name).normalize();
        if (!file.startsWith(directory.normalize())) {
            throw StatusException.invalidArgument(
                    "warmup data file '" + name + "' is outside of the directory " + directory);
        }
        return file;
    }
}
