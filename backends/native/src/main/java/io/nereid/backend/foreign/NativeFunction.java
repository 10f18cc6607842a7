package io.nereid.backend.foreign;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A native function. Its handle is made on first use, since linking dozens of functions takes some
 * tenths of a second and few are needed. May be used from any thread.
 */
public final class NativeFunction {
    private final MemorySegment address;
    private final FunctionDescriptor descriptor;
    // Two threads may link the same function; both handles do the same.
    private volatile @Nullable MethodHandle handle;

    /**
     * @param address where the function starts
     * @param descriptor its result and arguments
     */
    public NativeFunction(MemorySegment address, FunctionDescriptor descriptor) {
        this.address = address;
        this.descriptor = descriptor;
    }

    /** The handle, for {@code invokeExact}. */
    @SuppressWarnings("restricted")
    public MethodHandle handle() {
        MethodHandle linked = handle;
        if (linked == null) {
            linked = Linker.nativeLinker().downcallHandle(address, descriptor);
            handle = linked;
        }
        return linked;
    }

    /** Calls a function that takes one pointer and has no result, as those that free something. */
    public void accept(MemorySegment pointer) {
        MemorySegment _ =
                NativeCall.of(() -> {
                    handle().invokeExact(pointer);
                    return pointer;
                });
    }
}
