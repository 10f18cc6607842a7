package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.protocol.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The engine's form of {@link TfSettings}. Needed only while a session is opened. */
final class TfSessionOptions implements AutoCloseable {
    private final TfLibrary library;
    private final MemorySegment pointer;

    private TfSessionOptions(TfLibrary library, MemorySegment pointer) {
        this.library = library;
        this.pointer = pointer;
    }

    static @Owned TfSessionOptions open(TfLibrary library, TfSettings settings) {
        NativeFunction create = library.function("TF_NewSessionOptions", ValueLayout.ADDRESS);
        TfSessionOptions options =
                new TfSessionOptions(
                        library,
                        NativeCall.of(() -> (MemorySegment) create.handle().invokeExact()));
        boolean complete = false;
        try {
            options.apply(settings.encoded());
            complete = true;
            return options;
        } finally {
            if (!complete) {
                options.close();
            }
        }
    }

    private void apply(byte[] encoded) {
        NativeFunction set =
                library.procedure(
                        "TF_SetConfig",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, encoded);
            long length = bytes.byteSize();
            MemorySegment _ =
                    library.checked(status -> {
                        set.handle().invokeExact(pointer, bytes, length, status);
                        return status;
                    });
        }
    }

    MemorySegment pointer() {
        return pointer;
    }

    @Override
    public void close() {
        library.procedure("TF_DeleteSessionOptions", ValueLayout.ADDRESS).accept(pointer);
    }
}
