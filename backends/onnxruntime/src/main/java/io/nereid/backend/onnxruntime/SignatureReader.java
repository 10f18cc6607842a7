package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
    private final long session;

    SignatureReader(OrtEngine engine, long session) {
        this.table = engine.table();
        this.values = engine.values();
        this.session = session;
    }

    OrtSignature read() {
        return OrtSignature.of(tensors(30, 33, 36), tensors(32, 35, 38), tensors(31, 34, 37));
    }

    /** The tensors of one kind, given the places of the functions that describe them. */
    private List<ModelTensor> tensors(int countSlot, int typeSlot, int nameSlot) {
        long count = table.get(countSlot, session);
        List<ModelTensor> tensors = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            tensors.add(tensor(name(nameSlot, i), typeSlot, i));
        }
        return tensors;
    }

    private String name(int slot, long index) {
        long text = table.get(slot, session, index, values.allocator());
        try {
            return Segments.text(MemorySegment.ofAddress(text));
        } finally {
            table.call(76, values.allocator(), text);
        }
    }

    private ModelTensor tensor(String name, int typeSlot, long index) {
        long info = table.get(typeSlot, session, index);
        try (Arena arena = Arena.ofConfined()) {
            int valueKind = (int) table.get(56, info);
            if (valueKind != TENSOR) {
                throw notATensor(name, valueKind);
            }
            // Borrowed from the type, unlike what a value describes itself with.
            long described = table.get(55, info);
            OrtTypeAndShape typeAndShape = values.describeInfo(described, arena);
            return new ModelTensor(name, typeAndShape.type(), Optional.of(typeAndShape.shape()));
        } finally {
            table.release(98, info);
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
