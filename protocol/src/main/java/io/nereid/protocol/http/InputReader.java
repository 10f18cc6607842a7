package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;

/** Reads the request's {@code inputs} (HTTP protocol sections 11.5 and 12). */
final class InputReader {
    /** Most inputs of a request. The reference knows no limit; memory does. */
    static final int MAX_INPUTS = 10_000;

    private static final long NONE = InputMembers.NONE;

    private final JsonCursor cursor;
    private final JsonAccess access;
    private final EarlyData early;
    private final ModelConfig config;
    private final TensorBuffer body;
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final InferenceRequest request;
    private final SharedMemory memory;
    private final InputMembers members = new InputMembers();
    private final SharedMembers shared = new SharedMembers();

    private long binaryPosition;
    private long binarySize;

    /**
     * @param body borrowed; JSON and the binary tensors behind it
     */
    InputReader(
            JsonCursor cursor,
            JsonAccess access,
            EarlyData early,
            ModelConfig config,
            TensorBuffer body,
            TensorAllocator allocator,
            long maxInputSize,
            SharedMemory memory,
            InferenceRequest request) {
        this.cursor = cursor;
        this.access = access;
        this.early = early;
        this.config = config;
        this.body = body;
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.memory = memory;
        this.request = request;
        this.binaryPosition = cursor.json().byteSize();
    }

    /**
     * Reads the value at that place into the request.
     *
     * @throws StatusException INVALID_ARG with the texts of sections 11.5 and 12; INTERNAL if there
     *     are more or fewer numbers than the shape asks for; also what {@link SharedMemory} throws
     */
    void read(long at) {
        access.array(at, "inputs");
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            if (request.inputs().size() == MAX_INPUTS) {
                throw StatusException.invalidArgument(
                        "request has more than " + MAX_INPUTS + " inputs");
            }
            members.locate(cursor, early::pass);
            long next = cursor.position();
            input();
            cursor.seek(next);
        }
        if (binaryPosition != body.byteSize()) {
            throw StatusException.invalidArgument(
                    "unexpected additional input data for model '" + config.name() + "'");
        }
    }

    private void input() {
        locateParameters();
        checkKind();
        String name = access.string(members.name, "name");
        DataType type = DataType.ofWireName(access.string(members.datatype, "datatype"));
        Shape shape = Dimensions.read(cursor, access, members.shape);
        if (request.input(name).isPresent()) {
            throw StatusException.invalidArgument(
                    request.idPrefix() + "input '" + name + "' already exists in request");
        }
        request.addInput(new Tensor(name, type, shape, data(name, type, shape)));
    }

    private @Owned TensorBuffer data(String name, DataType type, Shape shape) {
        if (shared.present()) {
            try (SharedMemory.Window window = shared.open(access, memory)) {
                return window.read(allocator);
            }
        }
        return members.data == NONE ? binary(name) : json(name, type, shape);
    }

    private void locateParameters() {
        binarySize = NONE;
        shared.clear();
        if (members.parameters == NONE) {
            return;
        }
        cursor.seek(members.parameters);
        if (cursor.peek() != '{') {
            return;
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (binarySize == NONE && cursor.nameIs("binary_data_size")) {
                binarySize = cursor.position();
            } else {
                shared.note(cursor);
            }
            cursor.skipValue();
        }
    }

    private void checkKind() {
        boolean data = members.data != NONE;
        boolean binary = binarySize != NONE;
        boolean inRegion = shared.present();
        int kinds = (data ? 1 : 0) + (binary ? 1 : 0) + (inRegion ? 1 : 0);
        if (kinds == 1) {
            return;
        }
        String set = kinds > 0 ? " set" : " no field is set";
        throw StatusException.invalidArgument(
                "Input must set only one of the following fields: 'data', 'binary_data_size' in"
                        + " 'parameters', 'shared_memory_region' in 'parameters'. But"
                        + set
                        + (data ? " 'data'" : "")
                        + (binary ? " 'binary_data_size'" : "")
                        + (inRegion ? " 'shared_memory_region'" : ""));
    }

    private @Owned TensorBuffer binary(String name) {
        long byteSize = access.unsigned(binarySize, "binary_data_size");
        long left = body.byteSize() - binaryPosition;
        if (Long.compareUnsigned(byteSize, left) > 0) {
            throw StatusException.invalidArgument(
                    "unexpected size for input '"
                            + name
                            + "', expecting "
                            + Long.toUnsignedString(byteSize - left)
                            + " additional bytes for model '"
                            + config.name()
                            + "'");
        }
        TensorBuffer slice = body.slice(binaryPosition, byteSize);
        binaryPosition += byteSize;
        return slice;
    }

    private @Owned TensorBuffer json(String name, DataType type, Shape shape) {
        access.array(members.data, "data");
        long elements = Dimensions.elements(name, shape);
        if (elements == 0) {
            return nothing();
        }
        TensorBuffer buffer =
                type == DataType.BYTES ? strings(name) : numbers(name, type, elements);
        if (config.input(name).isPresent()) {
            return buffer;
        }
        // Validation will refuse this input by its name; until then it need not cost memory.
        buffer.close();
        return nothing();
    }

    private @Owned TensorBuffer strings(String name) {
        long byteSize = BytesArray.measure(cursor);
        checkByteSize(name, byteSize);
        return BytesArray.read(cursor, byteSize, allocator);
    }

    private @Owned TensorBuffer numbers(String name, DataType type, long elements) {
        if (type == DataType.INVALID) {
            throw StatusException.invalidArgument("invalid datatype for input " + name);
        }
        // A dimension left open is an element count of -1 here: over any limit as unsigned.
        checkByteSize(
                name,
                elements == Shape.ANY
                        ? -type.byteSize()
                        : Dimensions.byteSize(name, elements, type));
        return early.take(members.data, type, elements)
                .orElseGet(() -> NumberArray.read(cursor, type, elements, allocator))
                .take();
    }

    private void checkByteSize(String name, long byteSize) {
        if (Long.compareUnsigned(byteSize, maxInputSize) > 0) {
            throw StatusException.invalidArgument(
                    "JSON input '"
                            + name
                            + "' has a byte_size ("
                            + Long.toUnsignedString(byteSize)
                            + " bytes) that exceeds the maximum allowed value of "
                            + maxInputSize
                            + " bytes. Use --http-max-input-size to increase the limit.");
        }
    }

    private @Owned TensorBuffer nothing() {
        return body.slice(0, 0);
    }
}
