package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks an opened session for its inputs and outputs. */
final class SignatureReader {
    private static final int TENSOR = 1;
    private static final List<String> VALUE_KINDS =
            List.of("UNKNOWN", "TENSOR", "SEQUENCE", "MAP", "OPAQUE", "SPARSETENSOR", "OPTIONAL");

    private final OrtTable table;
    private final OrtValues values;
    private final MemorySegment session;
    private final NativeFunction kind;
    private final NativeFunction tensorInfo;
    private final NativeFunction releaseTypeInfo;
    private final NativeFunction free;

    SignatureReader(OrtEngine engine, MemorySegment session) {
        this.table = engine.table();
        this.values = engine.values();
        this.session = session;
        kind = table.function(56, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        tensorInfo = table.function(55, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        releaseTypeInfo = table.release(98);
        free = table.function(76, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    }

    OrtSignature read() {
        return OrtSignature.of(tensors(30, 33, 36), tensors(32, 35, 38), tensors(31, 34, 37));
    }

    /** The tensors of one kind, given the places of the functions that describe them. */
    private List<ModelTensor> tensors(int countSlot, int typeSlot, int nameSlot) {
        NativeFunction count = table.function(countSlot, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        NativeFunction type =
                table.function(
                        typeSlot, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        NativeFunction name =
                table.function(
                        nameSlot,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        long all = table.number(cell -> (MemorySegment) count.handle().invokeExact(session, cell));
        List<ModelTensor> tensors = new ArrayList<>();
        for (long i = 0; i < all; i++) {
            tensors.add(tensor(name(name, i), type, i));
        }
        return tensors;
    }

    private String name(NativeFunction function, long index) {
        MemorySegment allocator = values.allocator();
        MemorySegment text =
                table.address(cell ->
                        (MemorySegment)
                                function.handle().invokeExact(session, index, allocator, cell));
        try {
            return Segments.text(text);
        } finally {
            table.check(() -> (MemorySegment) free.handle().invokeExact(allocator, text));
        }
    }

    private ModelTensor tensor(String name, NativeFunction type, long index) {
        MemorySegment info =
                table.address(
                        cell -> (MemorySegment) type.handle().invokeExact(session, index, cell));
        try (Arena arena = Arena.ofConfined()) {
            int valueKind =
                    table.constant(cell -> (MemorySegment) kind.handle().invokeExact(info, cell));
            if (valueKind != TENSOR) {
                throw notATensor(name, valueKind);
            }
            // Borrowed from the type, unlike what a value describes itself with.
            MemorySegment described =
                    table.address(
                            cell -> (MemorySegment) tensorInfo.handle().invokeExact(info, cell));
            OrtTypeAndShape typeAndShape = values.describeInfo(described.address(), arena);
            return new ModelTensor(name, typeAndShape.type(), Optional.of(typeAndShape.shape()));
        } finally {
            releaseTypeInfo.accept(info);
        }
    }

    private static StatusException notATensor(String name, int valueKind) {
        String kindName =
                valueKind >= 0 && valueKind < VALUE_KINDS.size()
                        ? VALUE_KINDS.get(valueKind)
                        : "UNKNOWN";
        return new StatusException(
                StatusCode.UNSUPPORTED,
                "Unsupported ONNX Type 'ONNX_TYPE_"
                        + kindName
                        + "' for I/O '"
                        + name
                        + "', expected 'ONNX_TYPE_TENSOR'.");
    }
}
