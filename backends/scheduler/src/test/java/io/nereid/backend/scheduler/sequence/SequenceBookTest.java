package io.nereid.backend.scheduler.sequence;

import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.END;
import static io.nereid.backend.scheduler.sequence.BookDriver.Mark.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.scheduler.sequence.BookDriver.Mark;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules that hold for every strategy (schedulers section 9), and iterative sequences (12). */
class SequenceBookTest {
    private static final long SECOND = TimeUnit.SECONDS.toMicros(1);
    private static final String CANCELLED = "CANCELED Cancelled: ";
    private static final String EXPIRED =
            "REJECTED Unavailable: timeout of the corresponding sequence has been expired";

    private static BookDriver book(String batching, int instances) {
        return new BookDriver(batching, instances, _ -> new Strategy.Direct((_, _) -> true));
    }

    private static String notStarted(long id) {
        return "Invalid argument: inference request for sequence %d to model 'm' must specify the"
                        .formatted(id)
                + " START flag on the first request of the sequence";
    }

    private final BookDriver one = book("max_batch_size: 1 sequence_batching { }", 1);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0  | START | must specify a non-zero or non-empty correlation ID
                    0  |       | must specify a non-zero or non-empty correlation ID
                    0  | END   | must specify a non-zero or non-empty correlation ID
                    """)
    void refusesRequestsOfNoSequence(long id, Mark mark, String rule) {
        InferenceRequest request = mark == null ? one.request(id) : one.request(id, mark);

        assertThat(one.send("r", request))
                .isEqualTo("Invalid argument: inference request to model 'm' " + rule);
    }

    @Test
    void refusesAnEmptyTextAsAnId() {
        InferenceRequest request = one.request(1, START);
        request.setCorrelationId(new CorrelationId.TextId(""));

        assertThat(one.send("r", request)).contains("must specify a non-zero or non-empty");
    }

    @Test
    void refusesSequencesThatWereNotStarted() {
        assertThat(one.send("r", 99)).isEqualTo(notStarted(99));
        assertThat(one.send("r", 99, END)).isEqualTo(notStarted(99));
        assertThat(one.send("r", -1))
                .contains("inference request for sequence 18446744073709551615 to model 'm'");
    }

    @Test
    void keepsTheOrderOfASequence() {
        one.send("a1", 7, START);
        one.send("a2", 7);
        one.send("a3", 7, END);

        assertThat(one.next(0)).containsExactly("a1");
        assertThat(one.next(0)).containsExactly("a2");
        assertThat(one.next(0)).containsExactly("a3");
        assertThat(one.next(0)).isEmpty();
        assertThat(one.openSequences()).isZero();
    }

    @Test
    void tellsTextIdsFromNumbers() {
        InferenceRequest text = one.request(1, START);
        text.setCorrelationId(new CorrelationId.TextId("7"));
        one.send("text", text);

        assertThat(one.send("number", 7)).isEqualTo(notStarted(7));
    }

    @Test
    void forgetsTheIdWhenTheEndArrives() {
        one.send("a1", 7, START, END);

        assertThat(one.send("a2", 7)).isEqualTo(notStarted(7));
        assertThat(one.send("b1", 7, START)).isEmpty();
        assertThat(one.next(0)).containsExactly("a1");
        assertThat(one.next(0)).containsExactly("b1");
    }

    @Test
    void warnsOfAStartWithoutEndAndGoesOnInTheSameSlot() {
        one.send("a1", 7, START);
        one.send("x1", 8, START, END);

        assertThat(one.send("b1", 7, START)).isEqualTo("conflict");
        assertThat(one.next(0)).containsExactly("a1");
        assertThat(one.next(0)).containsExactly("b1");
        assertThat(one.next(0)).isEmpty();
        one.send("b2", 7, END);
        assertThat(one.next(0)).containsExactly("b2");
        assertThat(one.next(0)).containsExactly("x1");
    }

    /** The example of section 10. */
    @Test
    void spreadsSequencesOverInstancesAndLetsTheBacklogMoveIn() {
        BookDriver book = book("max_batch_size: 2 sequence_batching { }", 2);
        book.send("A", 1, START);
        book.send("B", 2, START);
        book.send("C", 3, START);
        book.send("D", 4, START);
        book.send("E", 5, START);

        assertThat(book.next(0)).containsExactly("A", "C");
        assertThat(book.next(1)).containsExactly("B", "D");
        book.send("C2", 3);
        assertThat(book.next(0)).containsExactly("-", "C2");
        book.ready();
        book.send("D2", 4, END);
        assertThat(book.next(1)).containsExactly("-", "D2");
        assertThat(book.ready()).contains(1);
        assertThat(book.next(1)).containsExactly("-", "E");
        assertThat(book.send("E2", 5)).isEmpty();
    }

    @Test
    void movesAWholeSequenceInAndForgetsItsIdIfItHasEnded() {
        one.send("a1", 1, START);
        one.send("b1", 2, START);
        one.send("b2", 2, END);
        one.send("c1", 3, START);
        one.send("a2", 1, END);

        assertThat(one.next(0)).containsExactly("a1");
        assertThat(one.next(0)).containsExactly("a2");
        assertThat(one.next(0)).containsExactly("b1");
        assertThat(one.send("b3", 2)).isEqualTo(notStarted(2));
        assertThat(one.next(0)).containsExactly("b2");
        assertThat(one.next(0)).containsExactly("c1");
        assertThat(one.openSequences()).isEqualTo(1);
    }

    @Test
    void takesTheSlotFromASequenceThatIsIdle() {
        BookDriver book =
                book(
                        "max_batch_size: 1 sequence_batching { max_sequence_idle_microseconds: 500"
                                + " }",
                        1);
        book.send("a1", 1, START);
        book.send("b1", 2, START);
        assertThat(book.next(0)).containsExactly("a1");
        assertThat(book.next(0)).isEmpty();

        assertThat(book.microsToExpiry()).isEqualTo(500);
        book.pass(499);
        assertThat(book.next(0)).isEmpty();
        book.ready();
        book.pass(1);
        assertThat(book.ready()).containsExactly(0);
        assertThat(book.evicted()).containsExactly("1");
        assertThat(book.next(0)).containsExactly("b1");
        assertThat(book.send("a2", 1)).isEqualTo(notStarted(1));
    }

    @Test
    void doesNotCallASequenceIdleThatWaitsForTheServer() {
        one.send("a1", 1, START);
        one.send("b1", 2, START);
        one.pass(10 * SECOND);
        assertThat(one.next(0)).containsExactly("a1");
        one.pass(10 * SECOND);

        assertThat(one.send("a2", 1, END)).isEmpty();
        assertThat(one.next(0)).containsExactly("a2");
        assertThat(one.next(0)).containsExactly("b1");
        one.done(0);
        one.pass(SECOND - 1);
        assertThat(one.send("b2", 2)).isEmpty();
        assertThat(one.evicted()).isEmpty();
    }

    @Test
    void beginsTheIdleTimeAnewWithEachRequest() {
        one.send("a1", 1, START);
        one.next(0);
        for (int i = 0; i < 5; i++) {
            one.done(0);
            one.pass(SECOND - 1);
            assertThat(one.send("more" + i, 1)).isEmpty();
            assertThat(one.next(0)).containsExactly("more" + i);
        }
    }

    @Test
    void failsASequenceWhoseTimeInTheBacklogIsOver() {
        one.send("a1", 1, START);
        one.send("b1", 2, START);
        InferenceRequest hurried = one.request(2);
        hurried.setTimeoutMicros(300);
        one.send("b2", hurried);
        InferenceRequest patient = one.request(2);
        patient.setTimeoutMicros(400);
        one.send("b3", patient);

        assertThat(one.microsToExpiry()).isEqualTo(300);
        one.pass(299);
        assertThat(one.end("b1")).isEqualTo("waits");
        one.pass(1);
        assertThat(one.end("b1")).isEqualTo(EXPIRED);
        assertThat(one.end("b2")).isEqualTo(EXPIRED);
        assertThat(one.end("b3")).isEqualTo(EXPIRED);
        assertThat(one.send("b4", 2)).isEqualTo(notStarted(2));
        assertThat(one.openSequences()).isEqualTo(1);
        assertThat(one.next(0)).containsExactly("a1");
    }

    @Test
    void letsRequestsInASlotWaitForAsLongAsItTakes() {
        InferenceRequest hurried = one.request(1, START);
        hurried.setTimeoutMicros(300);
        one.send("a1", hurried);
        one.pass(1000);

        assertThat(one.next(0)).containsExactly("a1");
    }

    @Test
    void cancelsAllThatWaitsOfASequenceInASlot() {
        one.send("a1", 1, START);
        one.send("a2", 1);
        one.send("b1", 2, START);
        one.cancel("a1");

        assertThat(one.end("a1")).isEqualTo(CANCELLED);
        assertThat(one.end("a2")).isEqualTo(CANCELLED);
        assertThat(one.send("a3", 1)).isEqualTo(notStarted(1));
        assertThat(one.next(0)).containsExactly("b1");
    }

    @Test
    void executesWhatIsAheadOfACancelledRequest() {
        one.send("a1", 1, START);
        one.send("a2", 1);
        one.send("a3", 1);
        one.send("b1", 2, START);
        one.cancel("a2");

        assertThat(one.next(0)).containsExactly("a1");
        assertThat(one.next(0)).containsExactly("b1");
        assertThat(one.end("a1")).isEqualTo("answered");
        assertThat(one.end("a2")).isEqualTo(CANCELLED);
        assertThat(one.end("a3")).isEqualTo(CANCELLED);
    }

    @Test
    void cancelsASequenceInTheBacklogForOneOfItsRequests() {
        one.send("a1", 1, START);
        one.send("b1", 2, START);
        one.send("b2", 2);
        one.cancel("b2");

        assertThat(one.end("b1")).isEqualTo(CANCELLED);
        assertThat(one.end("b2")).isEqualTo(CANCELLED);
        assertThat(one.book().waiting()).isEqualTo(1);
    }

    @Test
    void leavesWhatExecutesAlone() {
        one.send("a1", 1, START);
        assertThat(one.next(0)).containsExactly("a1");
        one.cancel("a1");
        one.done(0);

        assertThat(one.end("a1")).isEqualTo("answered");
        assertThat(one.send("a2", 1)).isEmpty();
    }

    @Test
    void keepsTheStatesOfACancelledSequenceUntilItsRequestReturns() {
        one.send("a1", 1, START);
        one.send("a2", 1);
        one.next(0);
        one.cancel("a2");
        assertThat(one.openSequences()).isEqualTo(1);

        one.done(0);
        assertThat(one.openSequences()).isZero();
        assertThat(one.end("a1")).isEqualTo("answered");
    }

    @Test
    void refusesWhenTooManyWait() {
        for (int i = 0; i < 100; i++) {
            assertThat(one.send("r" + i, i + 1, START)).isEmpty();
        }

        assertThat(one.send("late", 101, START))
                .isEqualTo("Unavailable: [request id: <id_unknown>] Exceeds maximum queue size");
        assertThat(one.openSequences()).isEqualTo(100);
    }

    @Test
    void executesEverythingWhenItStops() {
        one.send("a1", 1, START);
        one.next(0);
        one.done(0);
        one.send("b1", 2, START);
        one.send("c1", 3, START);
        one.send("c2", 3);
        one.stop();

        assertThat(one.send("a2", 1))
                .isEqualTo(
                        "Unavailable: Server is stopping, scheduler for model has stopped"
                                + " accepting new inference requests");
        assertThat(one.book().isDone(0)).isFalse();
        assertThat(one.next(0)).containsExactly("b1");
        assertThat(one.next(0)).containsExactly("c1");
        assertThat(one.next(0)).containsExactly("c2");
        assertThat(one.next(0)).isEmpty();
        assertThat(one.book().isDone(0)).isTrue();
        assertThat(one.openSequences()).isZero();
    }

    private final BookDriver iterative =
            book("max_batch_size: 2 sequence_batching { iterative_sequence: true }", 1);

    @Test
    void givesRequestsOfIterativeSequencesIdsOfTheirOwn() {
        iterative.send("x", 2, START);
        InferenceRequest first = iterative.request(0);
        InferenceRequest second = iterative.request(0);
        iterative.send("a", first);
        iterative.send("b", second);

        assertThat(first.correlationId()).isEqualTo(new CorrelationId.NumericId(1));
        assertThat(second.correlationId()).isEqualTo(new CorrelationId.NumericId(3));
        assertThat(first.sequenceStart()).isTrue();
    }

    @Test
    void executesARescheduledRequestAgainBesideYoungerOnes() {
        InferenceRequest request = iterative.request(0);
        iterative.send("a", request);
        assertThat(iterative.next(0)).containsExactly("a");
        iterative.reschedule("a");
        iterative.send("b", 0);
        iterative.send("c", 0);

        assertThat(iterative.next(0)).containsExactly("a", "b");
        assertThat(request.sequenceStart()).isFalse();
        iterative.reschedule("b");
        assertThat(iterative.next(0)).containsExactly("c", "b");
        assertThat(iterative.end("a")).isEqualTo("answered");
        assertThat(iterative.next(0)).isEmpty();
        assertThat(iterative.openSequences()).isZero();
        assertThat(iterative.microsToExpiry()).isGreaterThan(SECOND * 1000);
    }

    @Test
    void cancelsARescheduledRequestThatWaits() {
        iterative.send("a", 0);
        iterative.next(0);
        iterative.cancelUntold("a");
        iterative.reschedule("a");

        assertThat(iterative.next(0)).isEmpty();
        assertThat(iterative.end("a")).isEqualTo(CANCELLED);
        assertThat(iterative.openSequences()).isZero();
    }

    @Test
    void makesSlotsWhenTheyAreFirstUsed() {
        BookDriver vast =
                new BookDriver(
                        "max_batch_size: 4 sequence_batching { oldest { max_candidate_sequences:"
                                + " 2000000000 } }",
                        3,
                        _ -> new Strategy.Direct((_, _) -> true));
        for (int i = 1; i <= 9; i++) {
            assertThat(vast.send("r" + i, i, START)).isEmpty();
        }

        assertThat(vast.next(0)).containsExactly("r1", "r4", "r7");
    }
}
