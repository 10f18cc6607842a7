package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The table of functions that the C API consists of. A function's place in it never changes between
 * versions. Most functions return a status, NULL for success, which {@link #check} reads and frees.
 */
final class OrtTable {
    /** Version of the API asked for; newer libraries answer for every older one. */
    static final int API_VERSION = 22;

    private static final int SLOTS = 300;

    private final MemorySegment table;
    private final NativeFunction errorCode;
    private final NativeFunction errorMessage;
    private final NativeFunction releaseStatus;

    OrtTable(MemorySegment table) {
        this.table = Segments.view(table, SLOTS * ValueLayout.ADDRESS.byteSize());
        errorCode =
                new NativeFunction(
                        slot(1), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        errorMessage =
                new NativeFunction(
                        slot(2), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        releaseStatus = release(93);
    }

    /** A call that leaves its result in a cell. */
    @FunctionalInterface
    interface OutCall {
        MemorySegment invoke(MemorySegment cell) throws Throwable;
    }

    /** The function at {@code slot}, which returns a status. */
    NativeFunction function(int slot, MemoryLayout... arguments) {
        return new NativeFunction(
                slot(slot), FunctionDescriptor.of(ValueLayout.ADDRESS, arguments));
    }

    /** The function at {@code slot}, which frees the object it is given. */
    NativeFunction release(int slot) {
        return new NativeFunction(slot(slot), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    }

    /**
     * Calls a function and reads its status.
     *
     * @throws StatusException INTERNAL with the engine's code and text
     */
    void check(NativeCall<MemorySegment> call) {
        MemorySegment status = NativeCall.of(call);
        if (!status.equals(MemorySegment.NULL)) {
            throw failure(status);
        }
    }

    /**
     * Reads the status of a call that was made.
     *
     * @throws StatusException INTERNAL with the engine's code and text
     */
    void check(long status) {
        if (status != 0) {
            throw failure(MemorySegment.ofAddress(status));
        }
    }

    /** Where the function at {@code slot} starts, for {@link OrtCalls}. */
    MemorySegment address(int slot) {
        return slot(slot);
    }

    /** The address that {@code call} leaves in its cell. */
    MemorySegment address(OutCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cell = arena.allocate(ValueLayout.ADDRESS);
            check(() -> call.invoke(cell));
            return cell.get(ValueLayout.ADDRESS, 0);
        }
    }

    /** The number of 64 bits that {@code call} leaves in its cell. */
    long number(OutCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cell = arena.allocate(ValueLayout.JAVA_LONG);
            check(() -> call.invoke(cell));
            return cell.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** The enumeration constant that {@code call} leaves in its cell. */
    int constant(OutCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cell = arena.allocate(ValueLayout.JAVA_INT);
            check(() -> call.invoke(cell));
            return cell.get(ValueLayout.JAVA_INT, 0);
        }
    }

    private MemorySegment slot(int index) {
        return table.getAtIndex(ValueLayout.ADDRESS, index);
    }

    private StatusException failure(MemorySegment status) {
        try {
            int code = NativeCall.of(() -> (int) errorCode.handle().invokeExact(status));
            MemorySegment message =
                    NativeCall.of(() -> (MemorySegment) errorMessage.handle().invokeExact(status));
            return new StatusException(
                    StatusCode.INTERNAL,
                    "onnx runtime error " + code + ": " + Segments.text(message));
        } finally {
            releaseStatus.accept(status);
        }
    }
}
