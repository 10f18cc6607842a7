package io.nereid.backend.scheduler.sequence;

import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.END;
import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import org.junit.jupiter.api.Test;

/** The direct strategy (schedulers section 10). */
class DirectBatchesTest {
    private static BookDriver book(String direct) {
        return new BookDriver(
                "max_batch_size: 4 sequence_batching { direct { %s } }".formatted(direct),
                1,
                _ -> new Strategy.Direct((first, other) -> first.priority() == other.priority()));
    }

    @Test
    void givesEachRequestThePlaceOfItsSlot() {
        BookDriver book = book("");
        for (int i = 1; i <= 4; i++) {
            book.send("s" + i, i, START);
        }
        assertThat(book.next(0)).containsExactly("s1", "s2", "s3", "s4");
        book.send("m2", 2);

        assertThat(book.next(0)).containsExactly("-", "m2");
        book.send("m4", 4);
        book.send("m1", 1);
        assertThat(book.next(0)).containsExactly("m1", "-", "-", "m4");
    }

    @Test
    void padsThePlaceOfARequestThatDoesNotFit() {
        BookDriver book = book("");
        book.send("a", 1, START);
        InferenceRequest other = book.request(2, START);
        other.setPriority(1);
        book.send("b", other);
        book.send("c", 3, START);

        assertThat(book.next(0)).containsExactly("a", "-", "c");
        assertThat(book.next(0)).containsExactly("-", "b");
    }

    @Test
    void waitsForFullerBatchesNoLongerThanTheDelay() {
        BookDriver book = book("max_queue_delay_microseconds: 100 minimum_slot_utilization: 0.75");
        book.send("a", 1, START);
        book.pass(40);
        book.send("b", 2, START);

        assertThat(book.next(0)).isEmpty();
        assertThat(book.waitMicros(0)).isEqualTo(60);
        book.pass(59);
        assertThat(book.next(0)).isEmpty();
        book.pass(1);
        assertThat(book.next(0)).containsExactly("a", "b");
    }

    @Test
    void goesAtOnceWithEnoughSlots() {
        BookDriver book = book("max_queue_delay_microseconds: 100 minimum_slot_utilization: 0.75");
        book.send("a", 1, START);
        book.send("b", 2, START);
        assertThat(book.next(0)).isEmpty();
        book.send("c", 3, START);

        assertThat(book.next(0)).containsExactly("a", "b", "c");
    }

    @Test
    void doesNotWaitWithoutUtilizationOrWhenItStops() {
        BookDriver eager = book("max_queue_delay_microseconds: 100");
        eager.send("a", 1, START);
        assertThat(eager.next(0)).containsExactly("a");

        BookDriver patient =
                book("max_queue_delay_microseconds: 100 minimum_slot_utilization: 1.0");
        patient.send("a", 1, START);
        assertThat(patient.next(0)).isEmpty();
        patient.stop();
        assertThat(patient.next(0)).containsExactly("a");
    }

    @Test
    void findsTheSlotFreeAsSoonAsTheEndWasTaken() {
        BookDriver book =
                new BookDriver(
                        "max_batch_size: 1 sequence_batching { }",
                        1,
                        _ -> new Strategy.Direct((_, _) -> true));
        book.send("a1", 1, START, END);
        assertThat(book.next(0)).containsExactly("a1");
        book.send("b1", 2, START);
        InferenceRequest hurried = book.request(2);
        hurried.setTimeoutMicros(1);
        book.send("b2", hurried);
        book.pass(10);

        assertThat(book.next(0)).containsExactly("b1");
        assertThat(book.next(0)).containsExactly("b2");
    }

    @Test
    void passesOverARequestThatWasCancelledThisMoment() {
        BookDriver book = book("");
        book.send("a", 1, START);
        book.send("b", 2, START);
        book.cancelUntold("a");

        assertThat(book.next(0)).containsExactly("-", "b");
        assertThat(book.end("a")).startsWith("CANCELED");
        book.cancel("a");
        assertThat(book.openSequences()).isEqualTo(1);
    }
}
