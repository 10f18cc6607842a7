package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs that tell a model where in its sequence a request stands (schedulers section 9). Owns
 * one buffer for each value that does not depend on the request. Opened and closed by control
 * threads, used by any.
 */
public final class ControlTensors implements AutoCloseable {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** One control input. */
    private sealed interface Input {
        /** One of two values. */
        record Flag(Control.Kind kind, Tensor whenFalse, Tensor whenTrue) implements Input {}

        /** The id of the sequence. */
        record Id(String name, DataType type) implements Input {}
    }

    private final TensorAllocator allocator;
    private final Shape shape;
    private final List<Input> inputs = new ArrayList<>();

    private ControlTensors(boolean batches, TensorAllocator allocator) {
        this.allocator = allocator;
        this.shape = batches ? Shape.of(1, 1) : Shape.of(1);
    }

    /**
     * Makes the values that requests share.
     *
     * @param batches whether the model has a batch dimension
     */
    public static @Owned ControlTensors open(
            List<ControlInput> controls, boolean batches, TensorAllocator allocator) {
        ControlTensors opened = new ControlTensors(batches, allocator);
        boolean complete = false;
        try {
            for (ControlInput input : controls) {
                for (Control control : input.getControlList()) {
                    opened.inputs.add(opened.input(input.getName(), control));
                }
            }
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                opened.close();
            }
        }
    }

    private Input input(String name, Control control) {
        if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
            return new Input.Id(name, DataType.ofConfig(control.getDataType()));
        }
        Tensor whenFalse = flag(name, control, 0);
        boolean complete = false;
        try {
            Input flag = new Input.Flag(control.getKind(), whenFalse, flag(name, control, 1));
            complete = true;
            return flag;
        } finally {
            if (!complete) {
                whenFalse.buffer().close();
            }
        }
    }

    private @Owned Tensor flag(String name, Control control, int index) {
        if (control.getInt32FalseTrueCount() > 0) {
            TensorBuffer buffer = allocator.allocate(Integer.BYTES);
            buffer.segment().set(INT, 0, control.getInt32FalseTrue(index));
            return new Tensor(name, DataType.INT32, shape, buffer);
        }
        if (control.getFp32FalseTrueCount() > 0) {
            TensorBuffer buffer = allocator.allocate(Float.BYTES);
            buffer.segment().set(FLOAT, 0, control.getFp32FalseTrue(index));
            return new Tensor(name, DataType.FP32, shape, buffer);
        }
        TensorBuffer buffer = allocator.allocate(1);
        byte value = (byte) (control.getBoolFalseTrue(index) ? 1 : 0);
        buffer.segment().set(ValueLayout.JAVA_BYTE, 0, value);
        return new Tensor(name, DataType.BOOL, shape, buffer);
    }

    /** Adds the controls to a request that is about to be executed. */
    void supply(InferenceRequest request) {
        supply(request, true, request.correlationId());
    }

    /** Adds the controls to a request that only fills a place. */
    void supplyPadding(InferenceRequest request) {
        supply(request, false, CorrelationId.NONE);
    }

    private void supply(InferenceRequest request, boolean ready, CorrelationId id) {
        for (Input input : inputs) {
            switch (input) {
                case Input.Flag(var kind, var whenFalse, var whenTrue) -> {
                    boolean value =
                            switch (kind) {
                                case CONTROL_SEQUENCE_START -> request.sequenceStart();
                                case CONTROL_SEQUENCE_END -> request.sequenceEnd();
                                case CONTROL_SEQUENCE_READY -> ready;
                                case CONTROL_SEQUENCE_CORRID, UNRECOGNIZED ->
                                        throw new IllegalStateException(kind + " is no flag");
                            };
                    request.supply((value ? whenTrue : whenFalse).retain());
                }
                case Input.Id(String name, DataType type) ->
                        request.supply(new Tensor(name, type, shape, id(id, type)));
            }
        }
    }

    private @Owned TensorBuffer id(CorrelationId id, DataType type) {
        if (type == DataType.BYTES) {
            return text(id.isNone() ? "" : id.text());
        }
        if (!(id instanceof CorrelationId.NumericId(long number))) {
            throw new IllegalStateException("a text as the id of a model that takes numbers");
        }
        TensorBuffer buffer = allocator.allocate(type.byteSize());
        if (type.byteSize() == Integer.BYTES) {
            buffer.segment().set(INT, 0, (int) number);
        } else {
            buffer.segment().set(LONG, 0, number);
        }
        return buffer;
    }

    private @Owned TensorBuffer text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        TensorBuffer buffer = allocator.allocate((long) Integer.BYTES + bytes.length);
        MemorySegment segment = buffer.segment();
        segment.set(INT, 0, bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, Integer.BYTES, bytes.length);
        return buffer;
    }

    @Override
    public void close() {
        for (Input input : inputs) {
            switch (input) {
                case Input.Flag(_, var whenFalse, var whenTrue) -> {
                    whenFalse.buffer().close();
                    whenTrue.buffer().close();
                }
                case Input.Id _ -> {}
            }
        }
        inputs.clear();
    }
}
