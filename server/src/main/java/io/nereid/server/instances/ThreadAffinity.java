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

    private ThreadAffinity() {}

    /** Linked when it is called first: few servers need it, and linking takes a while. */
    private static final class Linked {
        /** The C library's {@code int sched_setaffinity(pid_t, size_t, const cpu_set_t *)}. */
        static final Optional<MethodHandle> SET = function();
    }

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
    static boolean runOn(CoreSet cores) {
        if (Linked.SET.isEmpty()) {
            return false;
        }
        long[] words = cores.bits().toLongArray();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, words);
            return (int) Linked.SET.get().invokeExact(CALLER, mask.byteSize(), mask) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setaffinity failed", e);
        }
    }
}
