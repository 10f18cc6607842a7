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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random arrivals, polls, cancellations, expiries and clocks under random policies: the queue and
 * {@link PlainBatchQueue}, which follows the words of the specification, decide the same after
 * every step. Each build takes a million steps; {@code -Dnereid.batching.steps=N} takes more, and
 * {@code -Dnereid.batching.seed=N} repeats a run that failed.
 */
class BatchQueueModelTest {
    private static final int STEPS = Integer.getInteger("nereid.batching.steps", 1_000_000);
    private static final int STEPS_OF_A_POLICY = 400;
    private static final int LARGEST = 8;
    private static final int CAPACITY = 24;

    @Test
    void decidesAsTheSpecificationSays() {
        long seed = Long.getLong("nereid.batching.seed", System.nanoTime());
        RandomGenerator random = new Random(seed);
        int steps = 0;
        int executed = 0;
        while (steps < STEPS) {
            try (Story story = new Story(random)) {
                for (int i = 0; i < STEPS_OF_A_POLICY; i++) {
                    story.step();
                }
                story.finish();
                executed += story.executed;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("with seed " + seed, e);
            }
            steps += STEPS_OF_A_POLICY;
        }
        assertThat(executed).isGreaterThan(steps / 20);
    }

    /** A queue of one random policy, and what happens to it. */
    private static final class Story implements AutoCloseable {
        private final RandomGenerator random;
        private final SlabAllocator allocator = new SlabAllocator(0, true);
        private final String policyText;
        private final ModelConfig config;
        private final BatchQueue queue;
        private final PlainBatchQueue plain;
        private final List<InferenceRequest> arrived = new ArrayList<>();
        private final Map<InferenceRequest, Waiting> places = new HashMap<>();
        private long now;
        private int executed;

        Story(RandomGenerator random) {
            this.random = random;
            this.now = random.nextLong();
            this.policyText = policyText(random);
            this.config = TestConfigs.parse(policyText);
            if (!(config.scheduling() instanceof Scheduling.DynamicBatching batching)) {
                throw new AssertionError("no dynamic batching");
            }
            this.queue =
                    new BatchQueue(
                            BatchPolicy.of(config, batching, CAPACITY), new BatchRule(config));
            this.plain = new PlainBatchQueue(batching, LARGEST, CAPACITY);
        }

        private static String policyText(RandomGenerator random) {
            TreeSet<Integer> preferred = new TreeSet<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                preferred.add(1 + random.nextInt(LARGEST));
            }
            int levels = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
            StringBuilder queues = new StringBuilder();
            for (int level = 1; level <= levels; level++) {
                if (random.nextBoolean()) {
                    queues.append(
                            "priority_queue_policy { key: %d value { %s } }\n"
                                    .formatted(level, queueText(random)));
                }
            }
            return """
            name: "m" max_batch_size: %d
            input [
              { name: "IN" data_type: TYPE_INT8 dims: [ -1 ] },
              { name: "OPT" data_type: TYPE_INT8 dims: [ 1 ] optional: true }
            ]
            dynamic_batching {
              preferred_batch_size: [ %s ]
              max_queue_delay_microseconds: %d
              priority_levels: %d default_priority_level: %d
              default_queue_policy { %s }
              %s
            }
            """
                    .formatted(
                            LARGEST,
                            preferred.stream()
                                    .map(String::valueOf)
                                    .collect(Collectors.joining(", ")),
                            random.nextInt(3) * 2,
                            levels,
                            levels == 0 ? 0 : 1 + random.nextInt(levels),
                            queueText(random),
                            queues);
        }

        private static String queueText(RandomGenerator random) {
            return "max_queue_size: %d default_timeout_microseconds: %d timeout_action: %s allow_timeout_override: %b"
                    .formatted(
                            random.nextInt(3) * 5,
                            random.nextInt(3) * 3,
                            random.nextBoolean() ? "DELAY" : "REJECT",
                            random.nextBoolean());
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> arrive();
                case 3 -> now += random.nextInt(1500);
                case 4, 5 -> decide(random.nextInt(50) == 0);
                case 6 -> cancel(random.nextBoolean());
                case 7 -> expire();
                default -> throw new AssertionError();
            }
            assertThat(queue.size()).isEqualTo(plain.size());
            assertThat(queue.nanosToExpiry(now)).isEqualTo(plain.nanosToExpiry(now));
        }

        private void arrive() {
            InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
            int rows = random.nextInt(3) == 0 ? 1 + random.nextInt(LARGEST) : 1;
            input(request, "IN", Shape.of(rows, random.nextInt(8) == 0 ? 2 : 1));
            if (random.nextInt(8) == 0) {
                input(request, "OPT", Shape.of(rows, 1));
            }
            request.setPriority(random.nextInt(6));
            request.setTimeoutMicros(random.nextInt(5));
            config.validator().validate(request);
            boolean room = plain.hasRoom(request);
            assertThat(queue.hasRoom(request)).isEqualTo(room);
            if (!room) {
                request.close();
                return;
            }
            request.enqueued(now);
            arrived.add(request);
            places.put(request, queue.add(new Batch.Item(request, new RecordingSender())));
            plain.add(request);
        }

        private void input(InferenceRequest request, String name, Shape shape) {
            request.addInput(
                    new Tensor(
                            name, DataType.INT8, shape, allocator.allocate(shape.elementCount())));
        }

        private boolean decide(boolean draining) {
            boolean expires = queue.nanosToExpiry(now) == 0;
            long foretold = queue.nanosToBatch(now, draining);
            PlainBatchQueue.Decision expected = plain.next(now, draining);
            assertThat(foretold).isEqualTo(expires ? 0 : expected.waitNanos());
            PendingRequests.Decision decision = queue.next(now, draining);
            assertThat(requests(decision.batch())).as(policyText).isEqualTo(expected.batch());
            assertThat(dropped(decision.dropped()))
                    .containsExactlyInAnyOrderElementsOf(expected.dropped());
            assertThat(decision.waitNanos()).isEqualTo(expected.waitNanos());
            executed += decision.batch().size();
            return !decision.batch().isEmpty() || !decision.dropped().isEmpty();
        }

        /**
         * Cancels any request.
         *
         * @param leaves whether it leaves the queue now, or the queue comes upon it first
         */
        private void cancel(boolean leaves) {
            if (arrived.isEmpty()) {
                return;
            }
            // A recent one most of the time, which may still be waiting.
            int back = Math.min(arrived.size(), 1 + random.nextInt(12));
            InferenceRequest request = arrived.get(arrived.size() - back);
            request.cancel();
            if (leaves) {
                Waiting place = places.get(request);
                if (place == null) {
                    throw new AssertionError("a request has no place");
                }
                assertThat(queue.remove(place)).isEqualTo(plain.remove(request));
            }
        }

        private void expire() {
            assertThat(dropped(queue.takeExpired(now)))
                    .containsExactlyInAnyOrderElementsOf(plain.takeExpired(now));
        }

        private static List<InferenceRequest> requests(List<Batch.Item> items) {
            return items.stream().map(Batch.Item::request).toList();
        }

        private static List<InferenceRequest> dropped(List<PendingRequests.Dropped> dropped) {
            return dropped.stream().map(each -> each.item().request()).toList();
        }

        void finish() {
            while (decide(true)) {}
            assertThat(queue.size()).isZero();
            assertThat(queue.nanosToExpiry(now)).isEqualTo(PendingRequests.FOREVER);
        }

        @Override
        public void close() {
            arrived.forEach(InferenceRequest::close);
            allocator.close();
        }
    }
}
