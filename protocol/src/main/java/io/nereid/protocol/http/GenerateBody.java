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
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One body of a generate request (HTTP protocol section 16), read in two steps: first the whole
 * text is checked, then its members are read in their order. Of parameters with the same name the
 * first one counts.
 */
final class GenerateBody {
    private static final long NONE = -1;

    /** The only member whose own members are mapped. */
    private static final String NESTED = "parameters";

    private final ModelConfig config;
    private final TensorBuffer body;
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final JsonCursor cursor;
    private final JsonAccess access;
    private final Set<String> parameters = new HashSet<>();
    private boolean nestedRead;
    private long inputBytes;

    /**
     * @param body borrowed
     */
    GenerateBody(
            ModelConfig config, TensorBuffer body, TensorAllocator allocator, long maxInputSize) {
        this.config = config;
        this.body = body;
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.cursor = new JsonCursor(body.segment());
        this.access = new JsonAccess(cursor);
    }

    /**
     * Reads the body into the request.
     *
     * @param request empty; borrowed
     * @throws StatusException with the text for the client
     */
    void read(InferenceRequest request) {
        long id = check();
        if (id != NONE) {
            request.setId(InferBody.upToNul(access.string(id, "id")));
        }
        cursor.seek(0);
        cursor.start();
        if (cursor.peek() != '{') {
            throw StatusException.invalidArgument("attempt to get members for non-object");
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            String name = cursor.name();
            if (name.equals(NESTED)) {
                nested(request);
            } else {
                member(request, name);
            }
        }
    }

    /** Where the id stands; everything has been seen to be well formed then. */
    private long check() {
        long id = NONE;
        cursor.start();
        if (cursor.peek() == '{') {
            for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
                if (id == NONE && cursor.nameIs("id")) {
                    id = cursor.position();
                }
                cursor.skipValue();
            }
        } else {
            cursor.skipValue();
        }
        cursor.end();
        return id;
    }

    private void nested(InferenceRequest request) {
        if (config.input(NESTED).isPresent()) {
            throw StatusException.invalidArgument(
                    "Keyword '" + NESTED + "' for nested schema also given as input tensor name");
        }
        if (nestedRead) {
            cursor.skipValue();
            return;
        }
        nestedRead = true;
        if (cursor.peek() != '{') {
            throw StatusException.invalidArgument(
                    "Expected JSON object for keyword: '"
                            + NESTED
                            + "': "
                            + JsonAccess.notA("object"));
        }
        try {
            for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
                member(request, cursor.name());
            }
        } catch (StatusException e) {
            throw e.withPrefix("Converting keyword: '" + NESTED + "': ");
        }
    }

    private void member(InferenceRequest request, String name) {
        Optional<TensorSpec> input = config.input(name);
        if (input.isPresent()) {
            if (request.input(name).isPresent()) {
                throw request.duplicateInput(name);
            }
            request.addInput(tensor(input.get()));
        } else if (!parameters.add(name)) {
            cursor.skipValue();
        } else {
            ParameterReader.checkCount(parameters.size());
            request.setParameter(name, ParameterReader.custom(cursor, name));
        }
    }

    private @Owned Tensor tensor(TensorSpec spec) {
        boolean isArray = cursor.peek() == '[';
        long elements = isArray ? length() : 1;
        long byteSize = byteSize(spec, isArray, elements);
        if (byteSize == 0) {
            cursor.skipValue();
            return new Tensor(spec.name(), spec.type(), Shape.EMPTY, body.slice(0, 0));
        }
        checkLimit(spec.name(), byteSize);
        Shape shape = shape(spec, elements);
        TensorBuffer buffer =
                spec.type() == DataType.BYTES
                        ? strings(isArray, byteSize)
                        : numbers(spec, isArray, elements);
        return new Tensor(spec.name(), spec.type(), shape, buffer);
    }

    /** Elements of the array at the cursor, nested ones being one each; the cursor stays. */
    private long length() {
        long start = cursor.position();
        long length = 0;
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            cursor.skipValue();
            length++;
        }
        cursor.seek(start);
        return length;
    }

    /** Bytes of the tensor; the cursor stays. */
    private long byteSize(TensorSpec spec, boolean isArray, long elements) {
        if (spec.type() == DataType.INVALID) {
            throw StatusException.invalidArgument(
                    "input '"
                            + spec.name()
                            + "' has unsupported datatype "
                            + spec.type().wireName());
        }
        if (spec.type() != DataType.BYTES) {
            return elements * spec.type().byteSize();
        }
        return isArray ? BytesArray.measure(cursor) : BytesArray.measureOne(cursor);
    }

    private void checkLimit(String input, long byteSize) {
        if (byteSize > maxInputSize - inputBytes) {
            throw StatusException.invalidArgument(
                    "request size of "
                            + inputBytes
                            + " bytes with input '"
                            + input
                            + "' of size "
                            + byteSize
                            + " bytes exceeds the maximum allowed input size of "
                            + maxInputSize
                            + ". Use --http-max-input-size to increase the limit.");
        }
        inputBytes += byteSize;
    }

    /** Fixed dimensions first; what is left goes to the innermost one that is open. */
    private Shape shape(TensorSpec spec, long elements) {
        long[] dims = config.apiShape(spec).toArray();
        long left = elements;
        for (long dim : dims) {
            if (dim != Shape.ANY) {
                if (dim <= 0 || left % dim != 0) {
                    throw noShape(spec);
                }
                left /= dim;
            }
        }
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] == Shape.ANY) {
                dims[i] = left;
                left = 1;
            }
        }
        if (left != 1) {
            throw noShape(spec);
        }
        return Shape.of(dims);
    }

    private static StatusException noShape(TensorSpec spec) {
        return StatusException.invalidArgument(
                "The schema can not convert input '"
                        + spec.name()
                        + "' to tensor with proper shape");
    }

    private @Owned TensorBuffer strings(boolean isArray, long byteSize) {
        return isArray
                ? BytesArray.read(cursor, byteSize, allocator)
                : BytesArray.readOne(cursor, byteSize, allocator);
    }

    private @Owned TensorBuffer numbers(TensorSpec spec, boolean isArray, long elements) {
        NumberArray numbers =
                isArray
                        ? NumberArray.read(cursor, spec.type(), elements, allocator)
                        : NumberArray.readOne(cursor, spec.type(), allocator);
        return numbers.take();
    }
}
