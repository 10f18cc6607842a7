package io.nereid.server.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory outside of the heap that engines allocate, as the C library counts it. Where the
 * library does not count (musl), the resident size of the process takes its place. Any thread.
 */
final class NativeMemory {
    private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;

    /** The C library's {@code struct mallinfo2}: ten sizes. */
    private static final StructLayout COUNTS =
            MemoryLayout.structLayout(
                    SIZE.withName("arena"),
                    SIZE.withName("ordblks"),
                    SIZE.withName("smblks"),
                    SIZE.withName("hblks"),
                    SIZE.withName("hblkhd"),
                    SIZE.withName("usmblks"),
                    SIZE.withName("fsmblks"),
                    SIZE.withName("uordblks"),
                    SIZE.withName("fordblks"),
                    SIZE.withName("keepcost"));

    private static final long MAPPED = offset("hblkhd");
    private static final long IN_USE = offset("uordblks");
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final long PAGE = 4096;

    private static final ReentrantLock TRIMMING = new ReentrantLock();

    private NativeMemory() {}

    /** Functions are linked when they are called first, which takes a while. */
    private static final class Counts {
        static final Optional<MethodHandle> LINKED =
                function("mallinfo2", FunctionDescriptor.of(COUNTS));
    }

    private static final class Trim {
        static final Optional<MethodHandle> LINKED =
                function("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, SIZE));
    }

    private static long offset(String field) {
        return COUNTS.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    @SuppressWarnings("restricted") // the launcher grants native access
    private static Optional<MethodHandle> function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .map(address -> linker.downcallHandle(address, type));
    }

    /** Bytes that are allocated now, by whomever. */
    static long inUse() {
        return Counts.LINKED.map(NativeMemory::inUse).orElseGet(NativeMemory::resident);
    }

    private static long inUse(MethodHandle counts) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = (MemorySegment) counts.invokeExact((SegmentAllocator) arena);
            return found.get(SIZE, MAPPED) + found.get(SIZE, IN_USE);
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2 failed", e);
        }
    }

    /** Resident size of the process in bytes; 0 where the system does not tell. */
    static long resident() {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try {
            return Long.parseLong(Files.readString(STATUS).split(" ")[1]) * PAGE;
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + STATUS, e);
        }
    }

    /**
     * Gives memory that is allocated no more back to the system. Takes some milliseconds; does
     * nothing while another thread does it.
     */
    static void trim() {
        if (Trim.LINKED.isPresent() && TRIMMING.tryLock()) {
            try {
                int _ = (int) Trim.LINKED.get().invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim failed", e);
            } finally {
                TRIMMING.unlock();
            }
        }
    }
}
