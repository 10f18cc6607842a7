package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.Batch;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Makes what an engine executes of what a {@link SequenceBook} has chosen: fills empty places, adds
 * controls and states. Used by several instances' threads at a time, each with its own batch.
 */
public final class BatchAssembly {
    private final ControlTensors controls;
    private final TensorAllocator allocator;
    private final LongSupplier nanoTime;

    /**
     * @param controls stay the caller's
     * @param nanoTime the clock that the requests' arrivals were taken from
     */
    public BatchAssembly(
            ControlTensors controls, TensorAllocator allocator, LongSupplier nanoTime) {
        this.controls = controls;
        this.allocator = allocator;
        this.nanoTime = nanoTime;
    }

    /**
     * The requests to execute.
     *
     * @param rows a batch with one request at least; the requests stay the caller's if this fails
     * @throws StatusException UNAVAILABLE if there is no memory for the tensors
     */
    public List<Batch.Item> items(List<Optional<Turn>> rows) {
        List<Turn> turns = rows.stream().flatMap(Optional::stream).toList();
        for (Turn turn : turns) {
            controls.supply(turn.request());
            turn.states().supply(turn.request());
        }
        if (turns.size() == rows.size()) {
            return turns.stream().map(Turn::item).toList();
        }
        return padded(rows, turns.getFirst());
    }

    private List<Batch.Item> padded(List<Optional<Turn>> rows, Turn template) {
        Padding nobody = new Padding(template.stateOutputs());
        List<Batch.Item> items = new ArrayList<>(rows.size());
        List<Tensor> zeros = new ArrayList<>();
        boolean complete = false;
        try {
            for (Tensor input : template.request().inputs()) {
                zeros.add(zeros(input));
            }
            for (Optional<Turn> row : rows) {
                items.add(
                        row.isPresent()
                                ? row.get().item()
                                : new Batch.Item(padding(template, zeros), nobody, nobody));
            }
            complete = true;
            return items;
        } finally {
            zeros.forEach(zero -> zero.buffer().close());
            if (!complete) {
                items.stream().filter(item -> item.step().isPadding()).forEach(Batch.Item::release);
            }
        }
    }

    private @Owned Tensor zeros(Tensor like) {
        boolean strings = like.type() == DataType.BYTES;
        // Strings are empty: each is its length, 0.
        long size =
                strings ? like.shape().elementCount() * Integer.BYTES : like.buffer().byteSize();
        TensorBuffer buffer = allocator.allocate(size);
        buffer.segment().fill((byte) 0);
        return new Tensor(like.name(), like.type(), like.shape(), buffer);
    }

    private @Owned InferenceRequest padding(Turn template, List<Tensor> zeros) {
        List<Tensor> inputs = zeros.stream().map(Tensor::retain).toList();
        InferenceRequest request = template.request().padding(inputs, nanoTime.getAsLong());
        boolean complete = false;
        try {
            controls.supplyPadding(request);
            complete = true;
            return request;
        } finally {
            if (!complete) {
                request.close();
            }
        }
    }
}
