package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The engine's description of a pool of threads for the whole process, without spinning. */
final class OrtThreading implements AutoCloseable {
    private final OrtTable table;
    private final MemorySegment pointer;

    private OrtThreading(OrtTable table, MemorySegment pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static OrtThreading open(OrtTable table, GlobalThreads threads) {
        NativeFunction create = table.function(121, ValueLayout.ADDRESS);
        OrtThreading threading =
                new OrtThreading(
                        table,
                        table.address(cell -> (MemorySegment) create.handle().invokeExact(cell)));
        boolean complete = false;
        try {
            threading.set(147, threads.intra());
            threading.set(148, threads.inter());
            threading.set(149, 0);
            complete = true;
            return threading;
        } finally {
            if (!complete) {
                threading.close();
            }
        }
    }

    private void set(int slot, int value) {
        NativeFunction setter = table.function(slot, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        table.check(() -> (MemorySegment) setter.handle().invokeExact(pointer, value));
    }

    MemorySegment pointer() {
        return pointer;
    }

    @Override
    public void close() {
        NativeFunction release = table.release(122);
        release.accept(pointer);
    }
}
