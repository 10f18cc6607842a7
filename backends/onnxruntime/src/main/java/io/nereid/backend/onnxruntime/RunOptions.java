package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeFunction;
import io.nereid.protocol.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The engine's options of a run: none, unless memory is to be given back after each. */
final class RunOptions implements AutoCloseable {
    private static final String ARENA_SHRINKAGE = "memory.enable_memory_arena_shrinkage";

    private final OrtTable table;
    private final MemorySegment pointer;

    private RunOptions(OrtTable table, MemorySegment pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static @Owned RunOptions open(OrtEngine engine, String arenaShrinkage) {
        OrtTable table = engine.table();
        if (arenaShrinkage.isEmpty()) {
            return new RunOptions(table, MemorySegment.NULL);
        }
        NativeFunction create = table.function(39, ValueLayout.ADDRESS);
        RunOptions options =
                new RunOptions(
                        table,
                        table.address(cell -> (MemorySegment) create.handle().invokeExact(cell)));
        boolean complete = false;
        try {
            options.entry(ARENA_SHRINKAGE, arenaShrinkage);
            complete = true;
            return options;
        } finally {
            if (!complete) {
                options.close();
            }
        }
    }

    private void entry(String key, String value) {
        NativeFunction function =
                table.function(165, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyText = arena.allocateFrom(key);
            MemorySegment valueText = arena.allocateFrom(value);
            table.check(() ->
                    (MemorySegment) function.handle().invokeExact(pointer, keyText, valueText));
        }
    }

    /** The options, or NULL for none. */
    MemorySegment pointer() {
        return pointer;
    }

    @Override
    public void close() {
        if (!pointer.equals(MemorySegment.NULL)) {
            NativeFunction release = table.release(97);
            release.accept(pointer);
        }
    }
}
