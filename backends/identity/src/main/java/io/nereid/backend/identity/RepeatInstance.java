package io.nereid.backend.identity;

import io.nereid.backend.Batch;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Starts the responses of each request on the model's timer, and hands the request back when its
 * {@code WAIT} is over. After {@code execute} has handed a batch to the timer, only the timer's one
 * thread touches it.
 */
final class RepeatInstance implements ModelInstance {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ScheduledExecutorService timer;
    private final TensorAllocator allocator;

    /** One party for each request that is not answered to its end, and one for the instance. */
    private final Phaser unanswered = new Phaser(1);

    RepeatInstance(ScheduledExecutorService timer, TensorAllocator allocator) {
        this.timer = timer;
        this.allocator = allocator;
    }

    @Override
    public void execute(Batch batch) {
        long waitMillis = 0;
        List<Answers> all = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            InferenceRequest request = batch.request(i);
            int[] values = ints(request, "IN");
            int[] delays = ints(request, "DELAY");
            if (values.length != delays.length) {
                batch.fail(i, differentLengths(values.length, delays.length));
            } else {
                all.add(new Answers(batch, i, values, delays));
            }
            waitMillis = Math.max(waitMillis, Integer.toUnsignedLong(ints(request, "WAIT")[0]));
        }
        batch.inputsReady();
        for (Answers answers : all) {
            unanswered.register();
            answers.begin();
        }
        IdentityBackend.awaitNanos(TimeUnit.MILLISECONDS.toNanos(waitMillis));
    }

    /** Waits until every request has been answered to its end. */
    @Override
    public void close() {
        unanswered.arriveAndAwaitAdvance();
    }

    private static int[] ints(InferenceRequest request, String name) {
        MemorySegment bytes =
                request.input(name)
                        .orElseThrow(() -> new IllegalStateException("no input " + name))
                        .buffer()
                        .segment();
        return bytes.toArray(INT);
    }

    private static StatusException differentLengths(int values, int delays) {
        return StatusException.invalidArgument(
                "expected IN and DELAY shape to match, got [" + values + "] and [" + delays + "]");
    }

    /** The responses to one request, sent one after the other. */
    private final class Answers implements Runnable {
        private final Batch batch;
        private final int index;
        private final int[] values;
        private final int[] delays;
        private int next;

        Answers(Batch batch, int index, int[] values, int[] delays) {
            this.batch = batch;
            this.index = index;
            this.values = values;
            this.delays = delays;
        }

        void begin() {
            scheduleNext();
            batch.request(index).onCancel(this::endEarly);
        }

        private void endEarly() {
            try {
                timer.execute(this);
            } catch (RejectedExecutionException e) {
                // The model is closed, and everything was answered before.
            }
        }

        private void scheduleNext() {
            long millis = next < delays.length ? Integer.toUnsignedLong(delays[next]) : 0;
            var _ = timer.schedule(this, millis, TimeUnit.MILLISECONDS);
        }

        /** Sends what is due, and plans the next response or ends the request. */
        @Override
        public void run() {
            if (batch.hasEnded(index)) {
                return;
            }
            try {
                Optional<StatusException> cancelled = batch.request(index).cancellation();
                if (cancelled.isPresent()) {
                    throw cancelled.get();
                }
                if (next < values.length) {
                    batch.outputsReady(index);
                    batch.respond(index, outputs(batch.request(index)), Map.of(), false);
                    next++;
                }
                if (next == values.length) {
                    batch.complete(index);
                }
            } catch (StatusException e) {
                batch.fail(index, e);
            }
            if (batch.hasEnded(index)) {
                unanswered.arriveAndDeregister();
            } else {
                scheduleNext();
            }
        }

        private @Owned List<Tensor> outputs(InferenceRequest request) {
            List<Tensor> outputs = new ArrayList<>(2);
            boolean complete = false;
            try {
                if (request.requestedOutputs().contains("OUT")) {
                    outputs.add(scalar("OUT", DataType.INT32, values[next]));
                }
                if (request.requestedOutputs().contains("IDX")) {
                    outputs.add(scalar("IDX", DataType.UINT32, next));
                }
                complete = true;
            } finally {
                if (!complete) {
                    outputs.forEach(output -> output.buffer().close());
                }
            }
            return outputs;
        }

        private @Owned Tensor scalar(String name, DataType type, int value) {
            TensorBuffer buffer = allocator.allocate(Integer.BYTES);
            buffer.segment().set(INT, 0, value);
            return new Tensor(name, type, Shape.of(1), buffer);
        }
    }
}
