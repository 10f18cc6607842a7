package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random arrivals, polls, cancellations, expiries and clocks against what must hold for every
 * policy.
 */
class BatchQueuePropertyTest {
    static final int LARGEST = 8;
    static final int CAPACITY = 12;

    /** What happens to the queue, drawn at random. */
    private static final class Story implements AutoCloseable {
        private final SlabAllocator allocator = new SlabAllocator(0, true);
        private final List<InferenceRequest> arrived = new ArrayList<>();
        private final List<Waiting> places = new ArrayList<>();
        private final List<InferenceRequest> executed = new ArrayList<>();
        private final List<InferenceRequest> dropped = new ArrayList<>();
        private final ModelConfig config;
        private final BatchQueue queue;
        private final BatchPolicy policy;
        private long now;

        Story(Set<Integer> preferred, int delayMicros, int timeoutMicros) {
            String sizes =
                    preferred.stream().map(String::valueOf).collect(Collectors.joining(", "));
            config =
                    TestConfigs.parse(
                            """
                            name: "m" max_batch_size: %d
                            input [ { name: "IN" data_type: TYPE_INT8 dims: [ -1 ] } ]
                            dynamic_batching {
                              preferred_batch_size: [ %s ] max_queue_delay_microseconds: %d
                              default_queue_policy {
                                max_queue_size: %d default_timeout_microseconds: %d
                                allow_timeout_override: true
                              }
                            }
                            """
                                    .formatted(
                                            LARGEST, sizes, delayMicros, CAPACITY, timeoutMicros));
            if (!(config.scheduling() instanceof Scheduling.DynamicBatching batching)) {
                throw new AssertionError("no dynamic batching");
            }
            policy = BatchPolicy.of(config, batching, Integer.MAX_VALUE);
            queue = new BatchQueue(policy, new BatchRule(config));
        }

        void step(int choice) {
            int rows = choice % LARGEST + 1;
            switch (choice / LARGEST % 7) {
                case 0 -> arrive(rows, choice % 3 == 0 ? 2 : 1, choice % 4);
                case 1 -> now += 200L * rows;
                case 2 -> poll(false);
                case 3 -> cancel(choice, true);
                case 4 -> cancel(choice, false);
                case 5 -> drop(queue.takeExpired(now));
                case 6 -> arrive(1, 1, 0);
                default -> throw new AssertionError(choice);
            }
            int waiting = arrived.size() - executed.size() - dropped.size();
            assertThat(queue.hasRoom()).isEqualTo(waiting < CAPACITY);
        }

        /**
         * Cancels a request, wherever it is.
         *
         * @param leaves whether it leaves the queue now, or the queue comes upon it first
         */
        private void cancel(int choice, boolean leaves) {
            if (arrived.isEmpty()) {
                return;
            }
            int index = choice % arrived.size();
            InferenceRequest request = arrived.get(index);
            boolean waits = !executed.contains(request) && !dropped.contains(request);
            request.cancel();
            if (leaves) {
                assertThat(queue.remove(places.get(index))).isEqualTo(waits);
                if (waits) {
                    dropped.add(request);
                }
            }
        }

        private void drop(List<PendingRequests.Dropped> gone) {
            gone.forEach(each -> dropped.add(each.item().request()));
        }

        private void arrive(int rows, int columns, int timeoutMicros) {
            if (!queue.hasRoom()) {
                return;
            }
            InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
            Shape shape = Shape.of(rows, columns);
            request.addInput(
                    new Tensor(
                            "IN", DataType.INT8, shape, allocator.allocate(shape.elementCount())));
            request.setTimeoutMicros(timeoutMicros);
            config.validator().validate(request);
            request.enqueued(now);
            arrived.add(request);
            places.add(queue.add(new Batch.Item(request, new RecordingSender())));
        }

        boolean poll(boolean draining) {
            PendingRequests.Decision decision = queue.next(now, draining);
            drop(decision.dropped());
            List<InferenceRequest> batch =
                    decision.batch().stream().map(Batch.Item::request).toList();
            executed.addAll(batch);
            int size = batch.stream().mapToInt(InferenceRequest::batchSize).sum();
            assertThat(size).isLessThanOrEqualTo(LARGEST);
            assertThat(batch).noneMatch(InferenceRequest::isCancelled).noneMatch(this::isExpired);
            assertThat(batch.stream().map(Story::columns).distinct().count()).isLessThan(2);
            if (batch.isEmpty()) {
                assertThat(decision.waitNanos()).isPositive();
                requireNobodyIsLate();
            }
            return !batch.isEmpty() || !decision.dropped().isEmpty();
        }

        private static long columns(InferenceRequest request) {
            return request.inputs().iterator().next().shape().dim(1);
        }

        private void requireNobodyIsLate() {
            for (InferenceRequest request : arrived) {
                boolean waits = !executed.contains(request) && !dropped.contains(request);
                if (waits) {
                    assertThat(now - request.arrivalNanos()).isLessThan(policy.delayNanos());
                }
            }
        }

        void finish() {
            while (poll(true)) {}
            List<InferenceRequest> inOrder = new ArrayList<>(arrived);
            inOrder.removeAll(dropped);
            assertThat(executed).containsExactlyElementsOf(inOrder);
            assertThat(dropped)
                    .doesNotHaveDuplicates()
                    .allMatch(gone -> gone.isCancelled() || isExpired(gone));
            assertThat(places).noneMatch(queue::remove);
            assertThat(queue.hasRoom()).isTrue();
            assertThat(queue.nanosToExpiry(now)).isEqualTo(PendingRequests.FOREVER);
        }

        private boolean isExpired(InferenceRequest request) {
            long timeout = policy.timeoutNanosFor(request.timeoutMicros());
            return timeout > 0 && now - request.arrivalNanos() >= timeout;
        }

        @Override
        public void close() {
            arrived.forEach(InferenceRequest::close);
            allocator.close();
        }
    }

    @Property
    void keepsOrderLosesNothingAndNeverExceedsTheMaximum(
            @ForAll @Size(max = 3) Set<@IntRange(min = 1, max = LARGEST) Integer> preferred,
            @ForAll @IntRange(max = 2) int delayMicros,
            @ForAll @IntRange(max = 4) int timeoutMicros,
            @ForAll @Size(max = 60) List<@IntRange(max = 1000) Integer> choices) {
        try (Story story = new Story(preferred, delayMicros, timeoutMicros)) {
            choices.forEach(story::step);
            story.finish();
        }
    }
}
