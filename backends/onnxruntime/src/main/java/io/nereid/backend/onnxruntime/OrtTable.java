package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The table of functions that the C API consists of. A function's place in it never changes between
 * versions. Most functions return a status, NULL for success, which is read and freed here.
 */
final class OrtTable {
    /** Version of the API asked for; newer libraries answer for every older one. */
    static final int API_VERSION = 22;

    private static final int SLOTS = 300;

    private final MemorySegment table;

    /**
     * @param address where the table lies
     */
    OrtTable(long address) {
        this.table =
                Segments.view(
                        MemorySegment.ofAddress(address), SLOTS * ValueLayout.ADDRESS.byteSize());
    }

    /** Where the function at {@code slot} starts, for {@link OrtCalls}. */
    MemorySegment function(int slot) {
        return table.getAtIndex(ValueLayout.ADDRESS, slot);
    }

    /**
     * Calls the function at {@code slot}, which returns a status.
     *
     * @throws StatusException INTERNAL with the engine's code and text
     */
    void call(int slot, long... arguments) {
        check(OrtCalls.call(function(slot), arguments));
    }

    /**
     * Calls the function at {@code slot}, which returns a status and leaves its result in a cell.
     *
     * @param arguments those before the cell
     * @return the cell, which a result of 32 bits fills to its half
     * @throws StatusException INTERNAL with the engine's code and text
     */
    long get(int slot, long... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cell = arena.allocate(ValueLayout.JAVA_LONG);
            long[] all = Arrays.copyOf(arguments, arguments.length + 1);
            all[arguments.length] = cell.address();
            call(slot, all);
            return cell.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Calls the function at {@code slot}, which sets an entry of the object it is given. */
    void set(int slot, long pointer, String key, String value) {
        try (Arena arena = Arena.ofConfined()) {
            call(
                    slot,
                    pointer,
                    arena.allocateFrom(key).address(),
                    arena.allocateFrom(value).address());
        }
    }

    /** Calls the function at {@code slot}, which frees the object it is given. */
    void release(int slot, long pointer) {
        OrtCalls.call(function(slot), pointer);
    }

    /**
     * Reads the status of a call that was made.
     *
     * @throws StatusException INTERNAL with the engine's code and text
     */
    void check(long status) {
        if (status != 0) {
            throw failure(status);
        }
    }

    private StatusException failure(long status) {
        try {
            int code = (int) OrtCalls.call(function(1), status);
            long message = OrtCalls.call(function(2), status);
            return new StatusException(
                    StatusCode.INTERNAL,
                    "onnx runtime error "
                            + code
                            + ": "
                            + Segments.text(MemorySegment.ofAddress(message)));
        } finally {
            release(93, status);
        }
    }
}
