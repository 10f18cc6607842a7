package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeCall;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls that every execution makes. Their handles are constants, which the compiler turns into
 * plain calls, and pointers travel as numbers, so that nothing is allocated; the functions
 * themselves come with the call. May be used from any thread.
 */
final class OrtCalls {
    private static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG;

    private static final MethodHandle RELEASE = link(FunctionDescriptor.ofVoid(POINTER));
    private static final MethodHandle GET = status(POINTER, POINTER);
    private static final MethodHandle GET_SOME = status(POINTER, POINTER, COUNT);
    private static final MethodHandle CREATE_OVER =
            status(POINTER, POINTER, COUNT, POINTER, COUNT, ValueLayout.JAVA_INT, POINTER);
    private static final MethodHandle RUN =
            status(POINTER, POINTER, POINTER, POINTER, COUNT, POINTER, COUNT, POINTER);

    private OrtCalls() {}

    private static MethodHandle status(MemoryLayout... arguments) {
        return link(FunctionDescriptor.of(POINTER, arguments));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor);
    }

    /** Calls a function that frees what it is given. */
    static void release(MemorySegment function, long pointer) {
        try {
            RELEASE.invokeExact(function, pointer);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Calls a function that reads {@code pointer} and writes into {@code cell}; the status. */
    static long get(MemorySegment function, long pointer, long cell) {
        try {
            return (long) GET.invokeExact(function, pointer, cell);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** As {@link #get} for {@code count} cells. */
    static long get(MemorySegment function, long pointer, long cells, long count) {
        try {
            return (long) GET_SOME.invokeExact(function, pointer, cells, count);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Makes a tensor over memory that stays the caller's; the status. */
    static long createOver(
            MemorySegment function,
            long memoryInfo,
            MemorySegment data,
            MemorySegment extents,
            int type,
            long cell) {
        try {
            return (long)
                    CREATE_OVER.invokeExact(
                            function,
                            memoryInfo,
                            data.address(),
                            data.byteSize(),
                            extents.address(),
                            extents.byteSize() / Long.BYTES,
                            type,
                            cell);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Runs a session; the status. */
    static long run(
            MemorySegment function,
            long session,
            long options,
            OrtSession.NamedValues inputs,
            OrtSession.NamedValues outputs) {
        try {
            return (long)
                    RUN.invokeExact(
                            function,
                            session,
                            options,
                            inputs.names().address(),
                            inputs.values().address(),
                            inputs.count(),
                            outputs.names().address(),
                            outputs.count(),
                            outputs.values().address());
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }
}
