package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A graph of operations, which can be asked what is in it. */
final class TfGraph implements AutoCloseable {
    private static final String INPUT_OPERATION = "Placeholder";

    private final TfLibrary library;
    private final MemorySegment pointer;

    private TfGraph(TfLibrary library, MemorySegment pointer) {
        this.library = library;
        this.pointer = pointer;
    }

    /** A graph without operations. */
    static @Owned TfGraph open(TfLibrary library) {
        NativeFunction create = library.function("TF_NewGraph", ValueLayout.ADDRESS);
        return new TfGraph(
                library, NativeCall.of(() -> (MemorySegment) create.handle().invokeExact()));
    }

    /**
     * Adds the operations of a GraphDef.
     *
     * @throws io.nereid.protocol.StatusException INTERNAL if the bytes are none
     */
    void add(MemorySegment graphDef) {
        NativeFunction newOptions =
                library.function("TF_NewImportGraphDefOptions", ValueLayout.ADDRESS);
        NativeFunction deleteOptions =
                library.procedure("TF_DeleteImportGraphDefOptions", ValueLayout.ADDRESS);
        NativeFunction add =
                library.procedure(
                        "TF_GraphImportGraphDef",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        MemorySegment options =
                NativeCall.of(() -> (MemorySegment) newOptions.handle().invokeExact());
        try (TfBuffer buffer = TfBuffer.view(library, graphDef)) {
            MemorySegment content = buffer.pointer();
            library.checked(status -> {
                add.handle().invokeExact(pointer, content, options, status);
                return status;
            });
        } finally {
            deleteOptions.accept(options);
        }
    }

    /** Whether it has no operations, as after bytes that are another format's. */
    boolean isEmpty() {
        return operations().isEmpty();
    }

    MemorySegment pointer() {
        return pointer;
    }

    /**
     * The tensor at a place such as {@code conv/Relu} or {@code conv/Relu:1}.
     *
     * @param name name that configurations use for it
     */
    Optional<TfPort> port(String name, String place) {
        int colon = place.lastIndexOf(':');
        String operation = colon < 0 ? place : place.substring(0, colon);
        int index = colon < 0 ? 0 : Integer.parseInt(place, colon + 1, place.length(), 10);
        NativeFunction find =
                library.function(
                        "TF_GraphOperationByName",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(operation);
            MemorySegment found =
                    NativeCall.of(() -> (MemorySegment) find.handle().invokeExact(pointer, text));
            if (found.equals(MemorySegment.NULL) || index >= outputs(found)) {
                return Optional.empty();
            }
            return Optional.of(describe(name, found, index));
        }
    }

    /** Names of the operations through which tensors enter. */
    List<String> inputNames() {
        return operations().stream()
                .filter(operation -> type(operation).equals(INPUT_OPERATION))
                .map(this::name)
                .toList();
    }

    /** Names of the operations whose outputs no other operation reads. */
    List<String> outputNames() {
        return operations().stream()
                .filter(operation -> outputs(operation) > 0 && isUnread(operation))
                .map(this::name)
                .toList();
    }

    private List<MemorySegment> operations() {
        NativeFunction next =
                library.function(
                        "TF_GraphNextOperation",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        List<MemorySegment> operations = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment position = arena.allocate(ValueLayout.JAVA_LONG);
            while (true) {
                MemorySegment operation =
                        NativeCall.of(
                                () -> (MemorySegment) next.handle().invokeExact(pointer, position));
                if (operation.equals(MemorySegment.NULL)) {
                    return operations;
                }
                operations.add(operation);
            }
        }
    }

    private String name(MemorySegment operation) {
        return text("TF_OperationName", operation);
    }

    private String type(MemorySegment operation) {
        return text("TF_OperationOpType", operation);
    }

    private String text(String function, MemorySegment operation) {
        NativeFunction read = library.function(function, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        return Segments.text(
                NativeCall.of(() -> (MemorySegment) read.handle().invokeExact(operation)));
    }

    private int outputs(MemorySegment operation) {
        NativeFunction count =
                library.function(
                        "TF_OperationNumOutputs", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        return NativeCall.of(() -> (int) count.handle().invokeExact(operation));
    }

    private boolean isUnread(MemorySegment operation) {
        NativeFunction readers =
                library.function(
                        "TF_OperationOutputNumConsumers", ValueLayout.JAVA_INT, TfPort.LAYOUT);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < outputs(operation); i++) {
                MemorySegment output = pair(arena, operation, i);
                int count = NativeCall.of(() -> (int) readers.handle().invokeExact(output));
                if (count > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private TfPort describe(String name, MemorySegment operation, int index) {
        NativeFunction type =
                library.function("TF_OperationOutputType", ValueLayout.JAVA_INT, TfPort.LAYOUT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment output = pair(arena, operation, index);
            int number = NativeCall.of(() -> (int) type.handle().invokeExact(output));
            return new TfPort(
                    new ModelTensor(name, TfTypes.type(number), shape(arena, output)),
                    operation,
                    index);
        }
    }

    private Optional<Shape> shape(Arena arena, MemorySegment output) {
        NativeFunction rank =
                library.function(
                        "TF_GraphGetTensorNumDims",
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        TfPort.LAYOUT,
                        ValueLayout.ADDRESS);
        NativeFunction extents =
                library.procedure(
                        "TF_GraphGetTensorShape",
                        ValueLayout.ADDRESS,
                        TfPort.LAYOUT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS);
        int count =
                library.checked(status -> (int) rank.handle().invokeExact(pointer, output, status));
        if (count < 0) {
            return Optional.empty();
        }
        MemorySegment dims = arena.allocate(ValueLayout.JAVA_LONG, count);
        library.checked(status -> {
            extents.handle().invokeExact(pointer, output, dims, count, status);
            return status;
        });
        return Optional.of(Shape.of(dims.toArray(ValueLayout.JAVA_LONG)));
    }

    private static MemorySegment pair(Arena arena, MemorySegment operation, int index) {
        MemorySegment pair = arena.allocate(TfPort.LAYOUT);
        pair.set(ValueLayout.ADDRESS, 0, operation);
        pair.set(ValueLayout.JAVA_INT, ValueLayout.ADDRESS.byteSize(), index);
        return pair;
    }

    @Override
    public void close() {
        library.procedure("TF_DeleteGraph", ValueLayout.ADDRESS).accept(pointer);
    }
}
