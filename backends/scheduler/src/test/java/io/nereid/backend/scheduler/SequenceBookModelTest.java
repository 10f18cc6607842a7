package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.scheduler.sequence.BookDriver;
import io.nereid.backend.scheduler.sequence.BookDriver.Mark;
import io.nereid.backend.scheduler.sequence.Strategy;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Random arrivals, executions, cancellations, reschedulings and clocks under random rules: the book
 * of sequences and {@link PlainSequences}, which follows the words of the specification, decide the
 * same after every step, and at the end every request has ended once. Each build takes 200 000
 * steps; {@code -Dnereid.sequences.steps=N} takes more, and {@code -Dnereid.sequences.seed=N}
 * repeats a run that failed.
 */
class SequenceBookModelTest {
    private static final int STEPS = Integer.getInteger("nereid.sequences.steps", 200_000);
    private static final int STEPS_OF_A_STORY = 200;
    private static final int CAPACITY = 100;
    private static final int IDS = 7;

    @Test
    void decidesAsTheSpecificationSays() {
        long seed = Long.getLong("nereid.sequences.seed", System.nanoTime());
        RandomGenerator random = new Random(seed);
        int executed = 0;
        for (int steps = 0; steps < STEPS; steps += STEPS_OF_A_STORY) {
            Story story = new Story(random);
            try {
                for (int i = 0; i < STEPS_OF_A_STORY; i++) {
                    story.step();
                }
                story.finish();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("with seed " + seed + " and " + story.rules, e);
            }
            executed += story.executed;
        }
        assertThat(executed).isGreaterThan(STEPS / 20);
    }

    /** A book of random rules, and what happens to it. */
    private static final class Story {
        private final RandomGenerator random;
        private final PlainSequences.Rules rules;
        private final PlainSequences plain;
        private final BookDriver book;
        private final List<String> sent = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private int executed;

        Story(RandomGenerator random) {
            this.random = random;
            int largest = 1 + random.nextInt(3);
            boolean oldest = random.nextBoolean();
            int slots = oldest ? 1 + random.nextInt(3) : largest;
            int enough = 1 + random.nextInt(largest);
            this.rules =
                    new PlainSequences.Rules(
                            1 + random.nextInt(3),
                            slots,
                            largest,
                            oldest,
                            random.nextInt(4) == 0,
                            20 + random.nextInt(80),
                            oldest ? 0 : random.nextInt(3) * 15L,
                            enough,
                            CAPACITY);
            this.plain = new PlainSequences(rules);
            this.book = new BookDriver(text(), rules.instances(), this::strategy);
        }

        private String text() {
            String strategy =
                    rules.oldest()
                            ? "oldest { max_candidate_sequences: %d }".formatted(rules.slots())
                            : "direct { max_queue_delay_microseconds: %d minimum_slot_utilization: %s }"
                                    .formatted(
                                            rules.delay(),
                                            // A little less, so that rounding up finds it.
                                            (rules.enough() - 0.5) / rules.largest());
            return "max_batch_size: %d sequence_batching { max_sequence_idle_microseconds: %d %s %s }"
                    .formatted(
                            rules.largest(),
                            rules.idle(),
                            strategy,
                            rules.iterative() ? "iterative_sequence: true" : "");
        }

        private Strategy strategy(ModelConfig config) {
            return rules.oldest()
                    ? new Strategy.Oldest(() ->
                            OldestBatcher.of(
                                    config,
                                    BookDriver.batching(config).getOldest(),
                                    new BatchRule(config),
                                    CAPACITY))
                    : new Strategy.Direct((first, other) -> first.priority() == other.priority());
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> arrive();
                case 4, 5, 6 -> execute();
                case 7 -> pass();
                case 8 -> done(random.nextInt(rules.instances()));
                case 9 -> cancel();
                default -> throw new AssertionError();
            }
            compare();
        }

        private void arrive() {
            String name = "r" + sent.size();
            long id = 1L + random.nextInt(IDS);
            boolean start = random.nextInt(3) == 0;
            boolean end = random.nextInt(4) == 0;
            List<Mark> marks = new ArrayList<>();
            if (start) {
                marks.add(Mark.START);
            }
            if (end) {
                marks.add(Mark.END);
            }
            InferenceRequest request = book.request(id, marks.toArray(Mark[]::new));
            request.setPriority(random.nextInt(4) == 0 ? 1 : 0);
            request.setTimeoutMicros(random.nextInt(3) == 0 ? 1 + random.nextInt(60) : 0);
            told.add("%s id %d %s".formatted(name, id, marks));
            String expected =
                    plain.arrive(name, id, start, end, request.priority(), request.timeoutMicros());
            String found = book.send(name, request);
            assertThat(found).as("%s", told).startsWith(expected);
            assertThat(found.isEmpty()).as("%s", told).isEqualTo(expected.isEmpty());
            sent.add(name);
            if (!expected.isEmpty() && !expected.equals("conflict")) {
                sent.removeLast();
                sent.add("");
            }
        }

        private void execute() {
            int instance = random.nextInt(rules.instances());
            done(instance);
            List<String> batch = plain.next(instance);
            told.add("next %d %s".formatted(instance, batch));
            assertThat(book.next(instance)).as("%s", told).isEqualTo(batch);
            executed += batch.size();
        }

        private void done(int instance) {
            List<String> again = new ArrayList<>();
            if (rules.iterative()) {
                for (String name : plain.running(instance)) {
                    if (random.nextBoolean()) {
                        again.add(name);
                        book.reschedule(name);
                    }
                }
            }
            told.add("done %d, again %s".formatted(instance, again));
            plain.done(instance, again);
            book.done(instance);
        }

        private void pass() {
            int micros = 1 + random.nextInt(30);
            told.add("pass " + micros);
            plain.pass(micros);
            book.pass(micros);
        }

        private void cancel() {
            if (sent.isEmpty()) {
                return;
            }
            String name = sent.get(random.nextInt(sent.size()));
            if (name.isEmpty() || !plain.end(name).equals("waits")) {
                return;
            }
            told.add("cancel " + name);
            plain.cancel(name);
            book.cancel(name);
        }

        private void compare() {
            assertThat(book.book().waiting()).as("%s", told).isEqualTo(plain.waiting());
            assertThat(book.openSequences()).as("%s", told).isEqualTo(plain.openSequences());
            int recent = Math.max(0, sent.size() - 40);
            for (String name : sent.subList(recent, sent.size())) {
                if (!name.isEmpty() && !book.end(name).startsWith(plain.end(name))) {
                    throw new AssertionError(
                            "%s: %s, not %s, after %s"
                                    .formatted(name, book.end(name), plain.end(name), told));
                }
            }
        }

        /** Stops, and lets the instances work until they are done. */
        void finish() {
            book.stop();
            boolean busy = true;
            while (busy) {
                busy = false;
                for (int i = 0; i < rules.instances(); i++) {
                    busy |= !book.next(i).isEmpty();
                }
            }
            for (int i = 0; i < rules.instances(); i++) {
                assertThat(book.book().isDone(i)).as("%s", told).isTrue();
            }
            assertThat(book.openSequences()).as("%s", told).isZero();
            assertThat(book.book().waiting()).isZero();
            for (String name : sent) {
                if (!name.isEmpty()) {
                    assertThat(book.end(name)).as("%s %s", name, told).isNotEqualTo("waits");
                }
            }
        }
    }
}
