package io.nereid.backend.scheduler.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** Data files of a model, and the zeros that stand in for one. May be used from any thread. */
public final class DataDirectory {
    private static final long CHUNK = 1L << 30;

    private final Path directory;
    private final TensorAllocator allocator;
    private final String setting;
    private final UnaryOperator<String> tooShort;

    /**
     * @param directory where the files lie
     * @param allocator where tensors come from
     * @param setting what error texts call the field that names the files
     * @param tooShort completes the text about a file that is too short
     */
    DataDirectory(
            Path directory,
            TensorAllocator allocator,
            String setting,
            UnaryOperator<String> tooShort) {
        this.directory = directory;
        this.allocator = allocator;
        this.setting = setting;
        this.tooShort = tooShort;
    }

    /** Zeros; strings are empty: each is its length, 0. */
    public @Owned TensorBuffer zeros(DataType type, long elements) {
        int width = type == DataType.BYTES ? Integer.BYTES : type.byteSize();
        TensorBuffer buffer = allocator.allocate(elements * width);
        buffer.segment().fill((byte) 0);
        return buffer;
    }

    /**
     * The beginning of a file, as many bytes as the elements have; all of it if that depends on
     * them.
     *
     * @throws StatusException INVALID_ARG if the file is too short or lies elsewhere, INTERNAL if
     *     it cannot be read
     */
    public @Owned TensorBuffer read(String name, DataType type, long elements) {
        Path file = inside(name);
        try (FileChannel channel = FileChannel.open(file)) {
            long expected = type == DataType.BYTES ? channel.size() : elements * type.byteSize();
            if (channel.size() < expected) {
                // The missing blank is the reference's.
                throw StatusException.invalidArgument(
                        tooShort.apply(
                                setting
                                        + " setting expects "
                                        + expected
                                        + " bytes, but the data provided from "
                                        + name
                                        + "only has "
                                        + channel.size()
                                        + " bytes"));
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
                    setting + " data file '" + name + "' is outside of the directory " + directory);
        }
        return file;
    }
}
