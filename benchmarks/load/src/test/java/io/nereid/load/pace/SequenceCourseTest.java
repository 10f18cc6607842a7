package io.nereid.load.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.load.client.SequenceStep;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SequenceCourseTest {
    private static SequenceCourse course(
            SequenceIds ids, List<Integer> streams, OptionalInt length) {
        return new SequenceCourse(
                new SequencePlan(ids, streams, length, 0, new SplittableRandom(1)));
    }

    private static SequenceIds anyIds() {
        return new SequenceIds(1, Long.MAX_VALUE);
    }

    private static SequenceStep step(Course course) {
        return course.next().step().orElseThrow();
    }

    @Test
    void marksFirstAndLastOfEachSequence() {
        SequenceCourse course = course(anyIds(), List.of(1), OptionalInt.of(3));

        assertThat(step(course)).isEqualTo(new SequenceStep(1, true, false));
        assertThat(course.isOpen()).isTrue();
        assertThat(step(course)).isEqualTo(new SequenceStep(1, false, false));
        assertThat(step(course)).isEqualTo(new SequenceStep(1, false, true));
        assertThat(course.isOpen()).isFalse();
        assertThat(step(course)).isEqualTo(new SequenceStep(2, true, false));
    }

    @Test
    void sendsSequencesOfOneRequest() {
        SequenceCourse course = course(anyIds(), List.of(1), OptionalInt.of(1));

        assertThat(step(course)).isEqualTo(new SequenceStep(1, true, true));
        assertThat(step(course)).isEqualTo(new SequenceStep(2, true, true));
    }

    @Test
    void takesTheRequestsOfOneStreamForOneSequence() {
        SequenceCourse course = course(anyIds(), List.of(2, 3), OptionalInt.empty());

        assertThat(List.of(course.next(), course.next(), course.next(), course.next()))
                .extracting(Turn::request)
                .containsExactly(0, 1, 2, 3);
        assertThat(course.next().step().orElseThrow().end()).isTrue();
    }

    @Test
    void repeatsAStreamThatIsShorterThanTheSequence() {
        SequenceCourse course = course(anyIds(), List.of(2), OptionalInt.of(3));

        assertThat(List.of(course.next(), course.next(), course.next()))
                .extracting(Turn::request)
                .containsExactly(0, 1, 0);
    }

    @Test
    void beginsAnewAfterAFailure() {
        SequenceCourse course = course(anyIds(), List.of(1), OptionalInt.of(3));
        course.next();
        course.abandon();

        assertThat(course.isOpen()).isFalse();
        assertThat(step(course)).isEqualTo(new SequenceStep(2, true, false));
    }

    @Test
    void neverUsesAnIdTwiceAtATime() {
        SequenceIds ids = new SequenceIds(10, 12);
        SequenceCourse one = course(ids, List.of(1), OptionalInt.of(2));
        SequenceCourse other = course(ids, List.of(1), OptionalInt.of(2));

        assertThat(step(one).id()).isEqualTo(10);
        assertThat(step(other).id()).isEqualTo(11);
        step(other);
        assertThat(step(other).id()).isEqualTo(11);
    }

    @Test
    void refusesMoreSequencesThanIds() {
        SequenceIds ids = new SequenceIds(10, 12);

        ids.checkRoomFor(2);
        assertThatThrownBy(() -> ids.checkRoomFor(3)).hasMessageContaining("--sequence-id-range");
    }

    @Test
    void variesLengthsWithinTheirBounds() {
        SequencePlan plan =
                new SequencePlan(
                        anyIds(), List.of(1), OptionalInt.of(10), 20, new SplittableRandom(1));
        Set<Integer> lengths = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            lengths.add(plan.script().length());
        }

        assertThat(lengths).containsExactlyInAnyOrder(8, 9, 10, 11, 12);
    }
}
