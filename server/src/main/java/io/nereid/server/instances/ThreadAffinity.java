package io.nereid.server.instances;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Says to the system which cores a thread may run on. Any thread, for itself. */
final class ThreadAffinity {
    private static final int CALLER = 0;

    /** The C library's {@code int sched_setaffinity(pid_t, size_t, const cpu_set_t *)}. */
    private final Optional<MethodHandle> set = function();

    @SuppressWarnings("restricted") // the launcher grants native access
    private static Optional<MethodHandle> function() {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("sched_setaffinity")
                .map(address ->
                        linker.downcallHandle(
                                address,
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.ADDRESS)));
    }

    /** Lets the calling platform thread run on these cores only; false if that is refused. */
    boolean runOn(CoreSet cores) {
        if (set.isEmpty()) {
            return false;
        }
        long[] words = cores.bits().toLongArray();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, words);
            return (int) set.get().invokeExact(CALLER, mask.byteSize(), mask) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setaffinity failed", e);
        }
    }
}
