package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.ModelTensor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * An input or output of a model and where it is in the graph.
 *
 * @param tensor as the model declares it
 * @param operation the operation that produces it
 * @param index which of the operation's outputs it is
 */
record TfPort(ModelTensor tensor, MemorySegment operation, int index) {
    /** The C API's pair of operation and index. */
    static final StructLayout LAYOUT =
            MemoryLayout.structLayout(
                    ValueLayout.ADDRESS, ValueLayout.JAVA_INT, MemoryLayout.paddingLayout(4));

    /** Writes the pair at position {@code position} of an array. */
    void write(MemorySegment array, long position) {
        long offset = position * LAYOUT.byteSize();
        array.set(ValueLayout.ADDRESS, offset, operation);
        array.set(ValueLayout.JAVA_INT, offset + ValueLayout.ADDRESS.byteSize(), index);
    }
}
