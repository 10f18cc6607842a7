package io.nereid.backend.onnxruntime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Names of tensors in the form in which a run takes them. Runs mostly name the same tensors, so
 * that the array of the last one is kept. Used by one thread at a time.
 */
final class NameArray implements AutoCloseable {
    private final OrtSession session;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment pointers;
    private final List<String> names = new ArrayList<>();

    /**
     * @param capacity most names of a run
     */
    NameArray(OrtSession session, int capacity) {
        this.session = session;
        this.pointers = arena.allocate(ValueLayout.ADDRESS, capacity);
    }

    /** The array of {@code count} names, good until the next call. */
    MemorySegment of(int count, IntFunction<String> name) {
        if (!holds(count, name)) {
            names.clear();
            for (int i = 0; i < count; i++) {
                pointers.setAtIndex(ValueLayout.ADDRESS, i, session.name(name.apply(i)));
            }
            for (int i = 0; i < count; i++) {
                names.add(name.apply(i));
            }
        }
        return pointers;
    }

    private boolean holds(int count, IntFunction<String> name) {
        if (names.size() != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (!names.get(i).equals(name.apply(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }
}
