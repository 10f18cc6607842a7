package io.nereid.backend.onnxruntime;

import io.nereid.protocol.Owned;

/** The engine's options of a run: none, unless memory is to be given back after each. */
final class RunOptions implements AutoCloseable {
    private static final String ARENA_SHRINKAGE = "memory.enable_memory_arena_shrinkage";

    private final OrtTable table;
    private final long pointer;

    private RunOptions(OrtTable table, long pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static @Owned RunOptions open(OrtEngine engine, String arenaShrinkage) {
        OrtTable table = engine.table();
        if (arenaShrinkage.isEmpty()) {
            return new RunOptions(table, 0);
        }
        RunOptions options = new RunOptions(table, table.get(39));
        boolean complete = false;
        try {
            table.set(165, options.pointer, ARENA_SHRINKAGE, arenaShrinkage);
            complete = true;
            return options;
        } finally {
            if (!complete) {
                options.close();
            }
        }
    }

    /** The options, or 0 for none. */
    long pointer() {
        return pointer;
    }

    @Override
    public void close() {
        if (pointer != 0) {
            table.release(97, pointer);
        }
    }
}
