package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.Owned;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The C API's block of bytes: address, length, and how to free it. */
final class TfBuffer implements AutoCloseable {
    private static final long BYTE_SIZE = 3 * ValueLayout.ADDRESS.byteSize();

    private final TfLibrary library;
    private final MemorySegment pointer;

    private TfBuffer(TfLibrary library, MemorySegment pointer) {
        this.library = library;
        this.pointer = pointer;
    }

    /** An empty block, for the engine to fill. */
    static @Owned TfBuffer empty(TfLibrary library) {
        NativeFunction create = library.function("TF_NewBuffer", ValueLayout.ADDRESS);
        return new TfBuffer(
                library, NativeCall.of(() -> (MemorySegment) create.handle().invokeExact()));
    }

    /** A block with these bytes, which must outlive it. */
    static @Owned TfBuffer view(TfLibrary library, MemorySegment bytes) {
        TfBuffer buffer = empty(library);
        MemorySegment fields = Segments.view(buffer.pointer, BYTE_SIZE);
        fields.set(ValueLayout.ADDRESS, 0, bytes);
        fields.set(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS.byteSize(), bytes.byteSize());
        return buffer;
    }

    MemorySegment pointer() {
        return pointer;
    }

    /** The bytes, valid until this is closed. */
    MemorySegment bytes() {
        MemorySegment fields = Segments.view(pointer, BYTE_SIZE);
        long length = fields.get(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS.byteSize());
        return Segments.view(fields.get(ValueLayout.ADDRESS, 0), length);
    }

    @Override
    public void close() {
        library.procedure("TF_DeleteBuffer", ValueLayout.ADDRESS).accept(pointer);
    }
}
