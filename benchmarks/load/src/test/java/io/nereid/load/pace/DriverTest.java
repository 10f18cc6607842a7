package io.nereid.load.pace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

final class DriverTest {
    private final FakeLanes lanes = new FakeLanes();

    private Driver driver(int firstLanes, int mostLanes, long budget, IntFunction<Course> courses) {
        Driver driver =
                new Driver(new DriverPlan(firstLanes, mostLanes, budget, courses), lanes, lanes);
        driver.open();
        return driver;
    }

    private static Course oneRequest(int lane) {
        return new RoundRobin(1, lane);
    }

    private Driver closedLoop(int concurrency) {
        return driver(concurrency, concurrency, DriverPlan.UNLIMITED, DriverTest::oneRequest);
    }

    private Driver openLoop(int mostLanes) {
        return driver(1, mostLanes, DriverPlan.UNLIMITED, DriverTest::oneRequest);
    }

    @Test
    void keepsAsManyRequestsUnderWayAsAreWanted() {
        Driver driver = closedLoop(3);
        driver.start(Schedule.asap());

        assertThat(lanes.pending).hasSize(3);
        lanes.answer();
        lanes.answer();

        assertThat(lanes.pending).hasSize(3);
        assertThat(lanes.sent).hasSize(5);
        assertThat(driver.answers()).isEqualTo(2);
    }

    @Test
    void measuresFromWhenARequestWasMeantToBeSent() {
        Driver driver = openLoop(1);
        driver.start(Schedule.constant(0, 1_000_000));

        lanes.advanceTo(1_000);
        assertThat(lanes.sent).hasSize(1);
        // The server hangs: requests meant for 2, 3, 4, 5 µs wait for the only lane.
        lanes.advanceTo(5_500);
        assertThat(lanes.sent).hasSize(1);
        assertThat(driver.behindNanos()).isEqualTo(3_500);
        lanes.answer();
        lanes.answer();

        Tally tally = driver.swap();
        assertThat(tally.count()).isEqualTo(2);
        assertThat(tally.meanLatencyNanos()).isEqualTo((4_500 + 3_500) / 2.0);
    }

    @Test
    void sendsAtThePlannedTimesAndNotBefore() {
        Driver driver = openLoop(8);
        driver.start(Schedule.constant(0, 1_000_000));

        for (int i = 1; i <= 4; i++) {
            lanes.advanceTo(i * 1_000L);
            lanes.answer();
        }

        assertThat(lanes.sent)
                .extracting(FakeLanes.Pending::sentAt)
                .containsExactly(1_000L, 2_000L, 3_000L, 4_000L);
        assertThat(driver.behindNanos()).isZero();
        assertThat(lanes.opened).isEqualTo(1);
    }

    @Test
    void opensMoreLanesOnlyWhenAllAreBusy() {
        Driver driver = openLoop(3);
        driver.start(Schedule.constant(0, 1_000_000));

        lanes.advanceTo(10_500);

        assertThat(lanes.opened).isEqualTo(3);
        assertThat(lanes.sent).hasSize(3);
        assertThat(driver.behindNanos()).isEqualTo(6_500);
    }

    @Test
    void opensOneLaneAtATime() {
        Driver driver = openLoop(8);
        driver.start(Schedule.constant(0, 1_000_000));
        lanes.openSlowly = true;

        lanes.advanceTo(4_500);
        assertThat(lanes.openings).hasSize(1);
        lanes.openNext();

        assertThat(lanes.sent).hasSize(2);
        assertThat(lanes.openings).hasSize(1);
    }

    @Test
    void sendsNoMoreThanItsBudget() {
        Driver driver = driver(2, 2, 3, DriverTest::oneRequest);
        driver.start(Schedule.asap());
        lanes.answer();
        lanes.answer();
        assertThat(driver.ended()).isNotDone();
        lanes.answer();

        assertThat(lanes.sent).hasSize(3);
        assertThat(driver.ended()).isCompleted();
    }

    @Test
    void countsFailuresByTheirReason() {
        Driver driver = closedLoop(1);
        driver.start(Schedule.asap());
        lanes.fail(true);
        lanes.fail(true);
        lanes.answer();

        Tally tally = driver.swap();
        assertThat(tally.failures()).containsEntry("broken", 2L);
        assertThat(tally.count()).isEqualTo(1);
    }

    @Test
    void restsAfterABrokenConnection() {
        Driver driver = closedLoop(1);
        driver.start(Schedule.asap());
        lanes.fail(false);

        assertThat(lanes.pending).isEmpty();
        lanes.advanceTo(100_000_000);

        assertThat(lanes.pending).hasSize(1);
        assertThat(driver.answers()).isEqualTo(1);
    }

    @Test
    void beginsAnewWithEachWindow() {
        Driver driver = closedLoop(1);
        driver.start(Schedule.asap());
        lanes.answer();

        assertThat(driver.swap().count()).isEqualTo(1);
        assertThat(driver.swap().count()).isZero();
    }

    @Test
    void tellsWhyItCannotOpenALane() {
        lanes.refuseToOpen = true;
        Driver driver = closedLoop(2);

        assertThat(driver.opened()).isCompletedExceptionally();
        assertThat(driver.opened().exceptionNow()).hasMessage("connection refused");
    }

    @Test
    void endsSequencesThatAreUnderWayWhenItStops() {
        SequencePlan plan =
                new SequencePlan(
                        new SequenceIds(5, Long.MAX_VALUE),
                        List.of(1),
                        OptionalInt.of(10),
                        0,
                        new SplittableRandom(1));
        Driver driver = driver(2, 2, DriverPlan.UNLIMITED, _ -> new SequenceCourse(plan));
        driver.start(Schedule.asap());
        lanes.answer();
        driver.stop();
        assertThat(driver.quiet()).isNotDone();
        while (!lanes.pending.isEmpty()) {
            lanes.answer();
        }

        assertThat(driver.quiet()).isCompleted();
        assertThat(lanes.sent.stream().filter(sent -> sent.step().orElseThrow().end()))
                .extracting(sent -> sent.step().orElseThrow().id())
                .containsExactlyInAnyOrder(5L, 6L);
    }

    @Test
    void doesNotCountWhatOnlyEndsASequence() {
        SequencePlan plan =
                new SequencePlan(
                        new SequenceIds(1, Long.MAX_VALUE),
                        List.of(1),
                        OptionalInt.of(3),
                        0,
                        new SplittableRandom(1));
        Driver driver = driver(1, 1, 1, _ -> new SequenceCourse(plan));
        driver.start(Schedule.asap());
        lanes.answer();
        driver.stop();
        lanes.answer();

        assertThat(driver.quiet()).isCompleted();
        assertThat(driver.swap().count()).isEqualTo(1);
    }

    @Test
    void closesItsLanes() {
        Driver driver = closedLoop(3);
        driver.start(Schedule.asap());

        driver.close();

        assertThat(lanes.closed).isEqualTo(3);
    }
}
