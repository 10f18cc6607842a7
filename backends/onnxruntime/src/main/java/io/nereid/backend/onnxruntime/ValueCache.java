package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.Scratch;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values over memory that comes again and again, since the blocks of requests and answers are
 * recycled: making a value costs more than looking it up. A value is no more than an address, a
 * type and a shape, and owns nothing of what lies there. So it may be kept when the block has gone,
 * and is used again only for a tensor of the same type and shape at the same address. Used by one
 * thread at a time.
 */
final class ValueCache implements AutoCloseable {
    private static final int PLACES = 256;
    private static final int ALIGNMENT_SHIFT = 6;

    private final OrtValues values;
    private final @Nullable Entry[] entries = new Entry[PLACES];
    private final List<Entry> replaced = new ArrayList<>();

    private record Entry(
            long address, long byteSize, DataType type, Shape shape, MemorySegment value) {
        boolean fits(MemorySegment data, DataType otherType, Shape otherShape) {
            return address == data.address()
                    && byteSize == data.byteSize()
                    && type == otherType
                    && shape.equals(otherShape);
        }
    }

    ValueCache(OrtValues values) {
        this.values = values;
    }

    /** Frees values that had to make room; to be called when no run is under way. */
    void freeReplaced() {
        if (!replaced.isEmpty()) {
            replaced.forEach(entry -> values.release(entry.value()));
            replaced.clear();
        }
    }

    /**
     * A value over {@code data}, borrowed until the next {@link #freeReplaced}.
     *
     * @param type a type of fixed size
     */
    MemorySegment of(MemorySegment data, DataType type, Shape shape, Scratch scratch) {
        int place = place(data.address(), shape);
        Entry found = entries[place];
        if (found != null) {
            if (found.fits(data, type, shape)) {
                return found.value();
            }
            // The run that is being prepared may need it.
            replaced.add(found);
            entries[place] = null;
        }
        MemorySegment value = values.over(data, type, shape, scratch);
        entries[place] = new Entry(data.address(), data.byteSize(), type, shape, value);
        return value;
    }

    private static int place(long address, Shape shape) {
        return Math.floorMod(Long.hashCode(address >> ALIGNMENT_SHIFT) + shape.hashCode(), PLACES);
    }

    @Override
    public void close() {
        freeReplaced();
        for (int i = 0; i < PLACES; i++) {
            Entry entry = entries[i];
            if (entry != null) {
                values.release(entry.value());
                entries[i] = null;
            }
        }
    }
}
