package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.NativeLibrary;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * The functions of the C API. Those that may fail take a status object, which {@link #checked}
 * makes, reads and frees. May be used from any thread.
 */
final class TfLibrary {
    private static final String KERAS_SYMPTOM = "Could not find variable";
    private static final String KERAS_HINT =
            " (a compiled Keras 3 model that was saved with tf.saved_model.save cannot be served:"
                    + " save it with model.export() or keras.export.ExportArchive)";

    private final NativeLibrary library;
    private final NativeFunction newStatus;
    private final NativeFunction deleteStatus;
    private final NativeFunction code;
    private final NativeFunction message;

    private TfLibrary(NativeLibrary library) {
        this.library = library;
        newStatus = function("TF_NewStatus", ValueLayout.ADDRESS);
        deleteStatus = procedure("TF_DeleteStatus", ValueLayout.ADDRESS);
        code = function("TF_GetCode", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        message = function("TF_Message", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    }

    /**
     * Loads the libraries, which takes up to a second.
     *
     * @throws StatusException UNAVAILABLE if one is missing
     */
    static TfLibrary load(Path nativeDirectory) {
        // The second needs the first, which must be found beside it.
        NativeLibrary.open("tensorflow", nativeDirectory, "libtensorflow_framework.so.2");
        return new TfLibrary(
                NativeLibrary.open("tensorflow", nativeDirectory, "libtensorflow_cc.so.2"));
    }

    /** A call that may fail. */
    @FunctionalInterface
    interface StatusCall<T> {
        T invoke(MemorySegment status) throws Throwable;
    }

    /** The function of that name. */
    NativeFunction function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return library.function(name, FunctionDescriptor.of(result, arguments));
    }

    /** The function of that name, which has no result. */
    NativeFunction procedure(String name, MemoryLayout... arguments) {
        return library.function(name, FunctionDescriptor.ofVoid(arguments));
    }

    /**
     * The result of a call that may fail.
     *
     * @throws StatusException with the engine's text
     */
    <T> T checked(StatusCall<T> call) {
        MemorySegment status =
                NativeCall.of(() -> (MemorySegment) newStatus.handle().invokeExact());
        try {
            T result = NativeCall.of(() -> call.invoke(status));
            int found = NativeCall.of(() -> (int) code.handle().invokeExact(status));
            if (found != 0) {
                throw failure(status);
            }
            return result;
        } finally {
            deleteStatus.accept(status);
        }
    }

    private StatusException failure(MemorySegment status) {
        MemorySegment text =
                NativeCall.of(() -> (MemorySegment) message.handle().invokeExact(status));
        String reason = Segments.text(text);
        return new StatusException(
                StatusCode.INTERNAL, reason.contains(KERAS_SYMPTOM) ? reason + KERAS_HINT : reason);
    }
}
