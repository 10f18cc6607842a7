package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.TensorSpec;
import org.jspecify.annotations.Nullable;

/** The {@code inputs} of a {@link UsualBody}, of which each is read as it comes. */
final class UsualInputs implements AutoCloseable {
    /** More inputs are looked up by name instead of being gone through. */
    private static final int FEW_INPUTS = 8;

    private static final long NONE = InputMembers.NONE;

    private final JsonCursor cursor;
    private final JsonAccess access;
    private final ModelConfig config;
    private final TensorBuffer body;
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final InferenceRequest request;
    private long end;

    private @Nullable TensorSpec spec;
    private @Nullable DataType type;
    private @Nullable Shape shape;
    private @Nullable TensorBuffer data;
    private boolean parametersSeen;
    private long binarySize;

    /**
     * @param body borrowed; JSON and the binary tensors behind it
     * @param request borrowed
     */
    UsualInputs(
            JsonCursor cursor,
            JsonAccess access,
            ModelConfig config,
            TensorBuffer body,
            TensorAllocator allocator,
            long maxInputSize,
            InferenceRequest request) {
        this.cursor = cursor;
        this.access = access;
        this.config = config;
        this.body = body;
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.request = request;
        this.end = cursor.json().byteSize();
    }

    /** Where the binary data of the inputs read so far ends in the body. */
    long end() {
        return end;
    }

    /**
     * Reads the value at the cursor into the request; false if it must be read the careful way.
     *
     * @throws StatusException if it must, too
     */
    boolean read() {
        access.array(cursor.position(), "inputs");
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            if (cursor.peek() != '{' || !input()) {
                return false;
            }
        }
        return true;
    }

    private boolean input() {
        spec = null;
        type = null;
        shape = null;
        parametersSeen = false;
        binarySize = NONE;
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (!member()) {
                return false;
            }
        }
        return add();
    }

    private boolean member() {
        if (cursor.nameIs("name")) {
            return spec == null && name();
        }
        if (cursor.nameIs("shape")) {
            return shape == null && shape();
        }
        if (cursor.nameIs("datatype")) {
            return type == null && type();
        }
        if (cursor.nameIs("parameters")) {
            return !parametersSeen && parameters();
        }
        if (cursor.nameIs("data")) {
            return data == null && data();
        }
        cursor.skipValue();
        return true;
    }

    private boolean name() {
        if (cursor.peek() != '"') {
            return false;
        }
        spec = known(cursor.string());
        return spec != null && request.input(spec.name()).isEmpty();
    }

    private @Nullable TensorSpec known(JsonString name) {
        if (config.inputs().size() > FEW_INPUTS) {
            return config.input(name.text()).orElse(null);
        }
        for (TensorSpec input : config.inputs().values()) {
            if (name.equalTo(input.name())) {
                return input;
            }
        }
        return null;
    }

    private boolean type() {
        if (cursor.peek() != '"') {
            return false;
        }
        JsonString name = cursor.string();
        boolean expected = spec != null && name.equalTo(spec.type().wireName());
        type = spec != null && expected ? spec.type() : DataType.ofWireName(name.text());
        return true;
    }

    private boolean shape() {
        shape = Dimensions.read(cursor, access, cursor.position());
        return true;
    }

    private boolean parameters() {
        parametersSeen = true;
        if (cursor.peek() != '{') {
            return false;
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (cursor.nameIs(SharedMembers.REGION)) {
                return false;
            }
            if (!cursor.nameIs("binary_data_size")) {
                cursor.skipValue();
            } else if (binarySize == NONE) {
                binarySize = access.unsigned(cursor.position(), "binary_data_size");
            } else {
                return false;
            }
        }
        return true;
    }

    private boolean data() {
        if (cursor.peek() != '[' || type == null || shape == null) {
            return false;
        }
        long elements = Dimensions.elements("", shape);
        if (elements == 0) {
            cursor.skipValue();
            data = body.slice(0, 0);
            return true;
        }
        if (type == DataType.BYTES) {
            return strings();
        }
        if (elements == Shape.ANY
                || !type.hasFixedSize()
                || elements > maxInputSize / type.byteSize()) {
            return false;
        }
        data = NumberArray.read(cursor, type, elements, allocator).take();
        return true;
    }

    private boolean strings() {
        long byteSize = BytesArray.measure(cursor);
        if (byteSize > maxInputSize) {
            return false;
        }
        data = BytesArray.read(cursor, byteSize, allocator);
        return true;
    }

    /** Adds the input, if its members are those of a whole one. */
    private boolean add() {
        if (spec == null || type == null || shape == null) {
            return false;
        }
        TensorBuffer buffer = take();
        if (buffer == null) {
            return false;
        }
        request.addInput(new Tensor(spec.name(), type, shape, buffer));
        return true;
    }

    /** The data, which stand in one place only: in the text or behind it. */
    private @Owned @Nullable TensorBuffer take() {
        TensorBuffer buffer = data;
        if (buffer != null) {
            if (binarySize == NONE) {
                data = null;
                return buffer;
            }
            return null;
        }
        if (binarySize < 0 || binarySize > body.byteSize() - end) {
            return null;
        }
        end += binarySize;
        return body.slice(end - binarySize, binarySize);
    }

    /** Gives data back that did not become part of the request. */
    @Override
    public void close() {
        if (data != null) {
            data.close();
        }
    }
}
