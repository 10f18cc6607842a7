package io.nereid.backend.scheduler;

import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.END;
import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.scheduler.sequence.BookDriver;
import io.nereid.backend.scheduler.sequence.Strategy;
import org.junit.jupiter.api.Test;

/** The oldest strategy (schedulers section 11). */
class OldestBatcherTest {
    private static BookDriver book(String oldest, int instances) {
        return new BookDriver(
                "max_batch_size: 4 sequence_batching { oldest { %s } }".formatted(oldest),
                instances,
                config ->
                        new Strategy.Oldest(() ->
                                OldestBatcher.of(
                                        config,
                                        BookDriver.batching(config).getOldest(),
                                        new BatchRule(config),
                                        100)));
    }

    private final BookDriver book = book("max_candidate_sequences: 3", 1);

    @Test
    void takesOneRequestOfEachSequenceOldestFirstAndPadsNothing() {
        book.send("a1", 1, START);
        book.send("b1", 2, START);
        book.send("a2", 1);
        book.send("c1", 3, START);

        assertThat(book.next(0)).containsExactly("a1", "b1", "c1");
        book.send("c2", 3);
        book.send("b2", 2);
        assertThat(book.next(0)).containsExactly("a2", "b2", "c2");
        book.send("b3", 2);
        assertThat(book.next(0)).containsExactly("b3");
    }

    @Test
    void neverHasTwoRequestsOfASequenceOnTheirWay() {
        for (int i = 1; i <= 9; i++) {
            book.send("a" + i, 1, i == 1 ? new BookDriver.Mark[] {START} : new BookDriver.Mark[0]);
        }

        for (int i = 1; i <= 9; i++) {
            assertThat(book.next(0)).containsExactly("a" + i);
        }
    }

    @Test
    void doesNotLetShortSequencesWaitForOneAnother() {
        book.send("a1", 1, START, END);
        book.send("b1", 2, START, END);
        book.send("c1", 3, START, END);

        assertThat(book.next(0)).containsExactly("a1", "b1", "c1");
    }

    @Test
    void givesTheSlotAwayWhenTheEndIsSubmitted() {
        for (int id = 1; id <= 3; id++) {
            book.send("r" + id, id, START, END);
        }
        book.send("d1", 4, START);
        book.send("d2", 4);
        assertThat(book.openSequences()).isEqualTo(4);

        assertThat(book.next(0)).containsExactly("r1", "r2", "r3");
        assertThat(book.next(0)).containsExactly("d1");
        assertThat(book.next(0)).containsExactly("d2");
        assertThat(book.openSequences()).isEqualTo(1);
    }

    @Test
    void waitsForThePreferredSizeNoLongerThanTheDelay() {
        BookDriver patient = book("preferred_batch_size: 2 max_queue_delay_microseconds: 100", 1);
        patient.send("a1", 1, START);
        assertThat(patient.next(0)).isEmpty();
        assertThat(patient.waitMicros(0)).isEqualTo(100);
        patient.pass(60);
        patient.send("b1", 2, START);
        assertThat(patient.next(0)).containsExactly("a1", "b1");

        patient.send("b2", 2);
        patient.pass(99);
        assertThat(patient.next(0)).isEmpty();
        patient.pass(1);
        assertThat(patient.next(0)).containsExactly("b2");
    }

    @Test
    void spreadsSequencesOverInstances() {
        BookDriver two = book("max_candidate_sequences: 2", 2);
        for (int id = 1; id <= 5; id++) {
            two.send("r" + id, id, START);
        }

        assertThat(two.next(0)).containsExactly("r1", "r3");
        assertThat(two.next(1)).containsExactly("r2", "r4");
        two.send("e4", 4, END);
        assertThat(two.next(0)).isEmpty();
        two.ready();
        two.done(1);
        assertThat(two.ready()).containsExactly(1);
        assertThat(two.next(1)).containsExactly("e4");
        assertThat(two.next(1)).containsExactly("r5");
    }

    @Test
    void cancelsWhatWaitsInTheBatcherWithItsSequence() {
        book.send("a1", 1, START);
        book.send("a2", 1);
        book.send("b1", 2, START);
        book.cancel("a1");

        assertThat(book.end("a1")).startsWith("CANCELED");
        assertThat(book.end("a2")).startsWith("CANCELED");
        assertThat(book.next(0)).containsExactly("b1");
        assertThat(book.openSequences()).isEqualTo(1);
        assertThat(book.book().waiting()).isZero();
    }

    @Test
    void letsTheSuccessorGoWhenASubmittedEndIsCancelled() {
        BookDriver single = book("max_candidate_sequences: 1", 1);
        single.send("a1", 1, START, END);
        single.send("b1", 2, START);
        single.cancel("a1");

        assertThat(single.end("a1")).startsWith("CANCELED");
        assertThat(single.next(0)).containsExactly("b1");
        assertThat(single.openSequences()).isEqualTo(1);
    }

    @Test
    void findsRequestsThatWereCancelledThisMoment() {
        BookDriver single = book("max_candidate_sequences: 1", 1);
        single.send("a1", 1, START);
        single.send("a2", 1);
        single.send("b1", 2, START);
        single.cancelUntold("a1");

        assertThat(single.next(0)).containsExactly("b1");
        assertThat(single.end("a1")).startsWith("CANCELED");
        assertThat(single.end("a2")).startsWith("CANCELED");
        single.cancel("a1");
        assertThat(single.book().waiting()).isZero();
    }

    @Test
    void dropsACancelledRequestWhenItsTurnComes() {
        book.send("a1", 1, START);
        book.send("a2", 1);
        book.send("a3", 1);
        book.cancel("a3");
        book.cancelUntold("a3");
        assertThat(book.next(0)).containsExactly("a1");
        assertThat(book.next(0)).containsExactly("a2");

        assertThat(book.next(0)).isEmpty();
        assertThat(book.end("a3")).startsWith("CANCELED");
        assertThat(book.openSequences()).isZero();
    }

    @Test
    void finishesEverythingWhenItStops() {
        BookDriver patient = book("preferred_batch_size: 4 max_queue_delay_microseconds: 100", 1);
        patient.send("a1", 1, START);
        patient.send("a2", 1);
        patient.stop();

        assertThat(patient.book().isDone(0)).isFalse();
        assertThat(patient.next(0)).containsExactly("a1");
        assertThat(patient.next(0)).containsExactly("a2");
        assertThat(patient.next(0)).isEmpty();
        assertThat(patient.book().isDone(0)).isTrue();
        assertThat(patient.openSequences()).isZero();
    }
}
