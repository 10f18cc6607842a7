package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeCall;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/**
 * Calls functions of the C API, all in the same two ways: pointers and numbers travel as 64 bits,
 * and functions of fewer arguments get zeros for the rest. Where Nereid runs (x86-64 and AArch64)
 * the caller clears arguments away and a function does not look beyond its own, so that two handles
 * do for all functions; making one for each signature would take 10 ms each at the start. The
 * handles are constants, which the compiler turns into plain calls without an allocation. A result
 * of 32 bits fills the lower half, and after a function without result there is none.
 *
 * <p>May be used from any thread.
 */
final class OrtCalls {
    private static final int FEW_ARGUMENTS = 4;
    private static final int MANY_ARGUMENTS = 8;
    private static final MethodHandle FEW = link(FEW_ARGUMENTS);
    private static final MethodHandle MANY = link(MANY_ARGUMENTS);

    private OrtCalls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle link(int arguments) {
        ValueLayout.OfLong[] layouts =
                Collections.nCopies(arguments, ValueLayout.JAVA_LONG)
                        .toArray(ValueLayout.OfLong[]::new);
        return Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
    }

    /** Calls a function of up to four arguments. */
    static long call(MemorySegment function, long a, long b, long c, long d) {
        try {
            return (long) FEW.invokeExact(function, a, b, c, d);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Calls a function of up to eight arguments. */
    static long call(
            MemorySegment function,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h) {
        try {
            return (long) MANY.invokeExact(function, a, b, c, d, e, f, g, h);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Calls a function of up to eight arguments; for calls that are not made for each request. */
    static long call(MemorySegment function, long... arguments) {
        long[] all = new long[MANY_ARGUMENTS];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        return arguments.length <= FEW_ARGUMENTS
                ? call(function, all[0], all[1], all[2], all[3])
                : call(function, all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
    }
}
