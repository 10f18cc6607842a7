package io.nereid.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private static final int REQUESTS = 3;

    private final Admission admission = new Admission(new AdmissionLimits(100, REQUESTS, false));

    @Test
    void admitsUpToTheLimit() {
        admission.reserve(60);
        admission.reserve(40);

        assertThat(admission.inFlightBytes()).isEqualTo(100);
    }

    @Test
    void refusesForNowWhatDoesNotFitBesideOthers() {
        admission.reserve(60);

        assertThatThrownBy(() -> admission.reserve(41))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.UNAVAILABLE));
        admission.release(60);
        admission.reserve(41);
        assertThat(admission.inFlightBytes()).isEqualTo(41);
    }

    @Test
    void refusesForEverWhatCanNeverFit() {
        assertThatThrownBy(() -> admission.reserve(101))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG))
                .hasMessageContaining("101 bytes")
                .hasMessageContaining("--max-inflight-bytes");
    }

    @Test
    void noticesWhenMoreIsReleasedThanWasReserved() {
        assertThatThrownBy(() -> admission.release(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesOneRequestMoreThanItMayHave() {
        List<Admission.Place> places = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            places.add(admission.enter());
        }

        assertThatThrownBy(admission::enter)
                .hasMessage(
                        "server is overloaded: the 3 requests of --max-inflight-requests are in"
                                + " flight");

        places.getFirst().close();
        places.add(admission.enter());
        assertThat(admission.inFlightRequests()).isEqualTo(REQUESTS);
        assertThat(admission.refusals()).isEqualTo(1);
    }

    @Test
    void noticesWhenAPlaceIsGivenBackTwice() {
        Admission.Place place = admission.enter();
        place.close();

        assertThatThrownBy(place::close).isInstanceOf(IllegalStateException.class);
        assertThat(admission.inFlightRequests()).isZero();
    }

    @Test
    void saysSoInTheWordsOfOtherServersIfTold() {
        Admission other = new Admission(new AdmissionLimits(100, 1, true));
        other.enter();

        StatusException refusal = catchThrowableOfType(StatusException.class, other::enter);

        assertThat(refusal.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
        assertThat(refusal.retryAfterSeconds()).hasValue(1);
        assertThat(other.told(new StatusException(StatusCode.UNAVAILABLE, "stopping")).code())
                .isEqualTo(StatusCode.UNAVAILABLE);
    }

    /**
     * Two of the three places are taken all the time, so that the last one is what they fight for.
     */
    @Test
    void isNeverAboveItsLimitsHoweverManyAskAtOnce() throws Exception {
        Admission.Place first = admission.enter();
        Admission.Place second = admission.enter();
        admission.reserve(90);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger worst = new AtomicInteger();
        int threads = 8;
        CountDownLatch start = new CountDownLatch(threads);
        try (ExecutorService clients = Executors.newFixedThreadPool(threads)) {
            List<Future<Integer>> admitted = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                admitted.add(
                        clients.submit(() -> {
                            start.countDown();
                            start.await();
                            int count = 0;
                            for (int tries = 0; tries < 20_000; tries++) {
                                count += askOnce(inside, worst) ? 1 : 0;
                            }
                            return count;
                        }));
            }
            int all = 0;
            for (Future<Integer> each : admitted) {
                all += each.get();
            }
            assertThat(all + admission.refusals()).isGreaterThanOrEqualTo(threads * 20_000L);
        }

        assertThat(worst).hasValue(1);
        first.close();
        second.close();
        admission.release(90);
        assertThat(admission.inFlightRequests()).isZero();
        assertThat(admission.inFlightBytes()).isZero();
    }

    private boolean askOnce(AtomicInteger inside, AtomicInteger worst) {
        try (Admission.Place _ = admission.enter()) {
            admission.reserve(10);
            worst.accumulateAndGet(inside.incrementAndGet(), Math::max);
            inside.decrementAndGet();
            admission.release(10);
            return true;
        } catch (StatusException full) {
            return false;
        }
    }
}
