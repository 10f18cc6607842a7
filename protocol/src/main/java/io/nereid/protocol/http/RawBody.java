package io.nereid.protocol.http;

import io.nereid.protocol.CopyMeter;
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
import java.lang.foreign.MemorySegment;

/**
 * A body that is nothing but the data of a model's only input (HTTP protocol section 11.7,
 * validation section 4).
 */
final class RawBody {
    private static final long MAX_STRING = 0xffff_ffffL;

    private final ModelConfig config;
    private final TensorBuffer body;
    private final TensorAllocator allocator;

    /**
     * @param body borrowed
     */
    RawBody(ModelConfig config, TensorBuffer body, TensorAllocator allocator) {
        this.config = config;
        this.body = body;
        this.allocator = allocator;
    }

    /**
     * Makes the body the request's input.
     *
     * @throws StatusException INVALID_ARG if the input or its shape does not follow from the model
     */
    void read(InferenceRequest request) {
        if (config.inputs().size() != 1) {
            throw refusal(
                    request,
                    "Raw request must only have 1 input (found 1) to be deduced but got "
                            + config.inputs().size()
                            + " inputs in '"
                            + config.name()
                            + "' model configuration");
        }
        TensorSpec spec = config.inputs().values().iterator().next();
        Shape shape = shape(request, spec);
        checkByteSize(request, spec, shape);
        TensorBuffer data = spec.type() == DataType.BYTES ? string(request) : body.retain();
        request.addInput(new Tensor(spec.name(), spec.type(), shape, data));
    }

    private Shape shape(InferenceRequest request, TensorSpec spec) {
        long[] dims = spec.dims().toArray();
        long fixed = 1;
        int open = -1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != Shape.ANY) {
                fixed *= dims[i];
            } else if (open < 0) {
                open = i;
            } else {
                throw refusal(
                        request,
                        "The shape of the raw input '"
                                + spec.name()
                                + "' can not be deduced because there are more than one"
                                + " variable-sized dimension");
            }
        }
        if (spec.type() == DataType.BYTES && (open >= 0 || fixed != 1)) {
            throw refusal(
                    request,
                    "For BYTE datatype raw input '"
                            + spec.name()
                            + "', the model must have input shape [1]");
        }
        if (open >= 0) {
            dims[open] = body.byteSize() / Math.max(1, fixed) / spec.type().byteSize();
        }
        Shape shape = Shape.of(dims);
        return config.batches() ? shape.withLeading(1) : shape;
    }

    /** The reference calls the input by another name here, before it is given its own. */
    private void checkByteSize(InferenceRequest request, TensorSpec spec, Shape shape) {
        if (spec.type() == DataType.BYTES) {
            return;
        }
        long expected = shape.elementCount() * spec.type().byteSize();
        if (expected != body.byteSize()) {
            throw refusal(
                    request,
                    "input byte size mismatch for input 'raw_input' for model '"
                            + config.name()
                            + "'. Expected "
                            + expected
                            + ", got "
                            + body.byteSize());
        }
    }

    /** The body as one element of a BYTES tensor. */
    private @Owned TensorBuffer string(InferenceRequest request) {
        if (body.byteSize() > MAX_STRING) {
            throw refusal(request, "Raw input is longer than " + MAX_STRING + " bytes");
        }
        TensorBuffer element = allocator.allocate(Integer.BYTES + body.byteSize());
        element.segment().set(LittleEndian.INT, 0, (int) body.byteSize());
        MemorySegment.copy(body.segment(), 0, element.segment(), Integer.BYTES, body.byteSize());
        allocator.copies().count(CopyMeter.Site.DECODE, body.byteSize());
        return element;
    }

    private static StatusException refusal(InferenceRequest request, String why) {
        return StatusException.invalidArgument(request.idPrefix() + why);
    }
}
