package io.nereid.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.load.pace.Tally;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.StatisticDuration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MeasureRulesTest {
    private static final long SECOND = 1_000_000_000;

    private static Windows options(long thresholdMillis) {
        return new Windows(
                Windows.Mode.TIME_WINDOWS,
                1000,
                50,
                10,
                10,
                0,
                thresholdMillis,
                OptionalLong.empty(),
                0);
    }

    /** A second with so many answers, each after so many milliseconds. */
    private static Window window(int answers, int millis) {
        Tally tally = new Tally();
        for (int i = 0; i < answers; i++) {
            tally.succeeded(millis * 1_000_000L, 1000, 2000, 1);
        }
        return new Window(tally, SECOND, ServerSplit.NONE, 0);
    }

    private static boolean stable(int... answers) {
        List<Window> windows = Arrays.stream(answers).mapToObj(n -> window(n, 5)).toList();
        return new Stability(options(0)).isReached(windows);
    }

    @Test
    void wantsThreeWindowsThatAgree() {
        assertThat(stable(100, 100)).isFalse();
        assertThat(stable(100, 105, 110)).isTrue();
        assertThat(stable(100, 105, 111)).isFalse();
    }

    @Test
    void forgetsWindowsThatAreLongPast() {
        assertThat(stable(10, 60, 100, 105, 101)).isTrue();
    }

    @Test
    void looksAtLatencyToo() {
        List<Window> windows = List.of(window(100, 5), window(100, 5), window(100, 7));

        assertThat(new Stability(options(0)).isReached(windows)).isFalse();
    }

    @Test
    void givesUpOnlyWhenAllOfThreeAreTooSlow() {
        Stability stability = new Stability(options(6));

        assertThat(stability.exceeds(window(10, 7))).isTrue();
        assertThat(stability.exceeds(window(10, 5))).isFalse();
        assertThat(stability.isTooSlow(List.of(window(10, 7), window(10, 7)))).isFalse();
        assertThat(stability.isTooSlow(IntStream.range(0, 3).mapToObj(_ -> window(10, 7)).toList()))
                .isTrue();
        assertThat(new Stability(options(0)).exceeds(window(10, 7))).isFalse();
    }

    @Test
    void joinsTheLastThreeWindows() {
        LevelResult result =
                LevelResult.of(
                        new Load.Concurrency(1),
                        List.of(window(1, 5), window(100, 5), window(200, 5), window(300, 5)),
                        LevelResult.Verdict.STABLE);

        assertThat(result.windows()).isEqualTo(3);
        assertThat(result.window().tally().count()).isEqualTo(600);
        assertThat(result.window().perSecond()).isEqualTo(200);
    }

    @Test
    void goesThroughARangeInSteps() {
        Range range = Range.parse("--x", "1:8:3");

        assertThat(IntStream.range(0, 10).filter(range::contains).mapToDouble(range::value))
                .containsExactly(1.0, 4.0, 7.0);
    }

    @Test
    void isASingleValueWithoutEndAndOpenEndedWithZero() {
        assertThat(Range.parse("--x", "5").contains(1)).isFalse();
        assertThat(Range.parse("--x", "5:0").isOpenEnded()).isTrue();
        assertThat(Range.parse("--x", "0.5").value(0)).isEqualTo(0.5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0", "4:2", "1:2:0", "1:2:3:4", "1:2:-1"})
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> Range.parse("--x", text)).hasMessageContaining("start:end:step");
    }

    private static StatisticDuration duration(long count, long nanos) {
        return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
    }

    private static ServerSplit split(long requests, long queueNanos) {
        return ServerSplit.of(
                List.of(
                        ModelStatistics.newBuilder()
                                .setInferenceCount(requests * 2)
                                .setExecutionCount(requests)
                                .setInferenceStats(
                                        InferStatistics.newBuilder()
                                                .setSuccess(duration(requests, queueNanos * 2))
                                                .setQueue(duration(requests, queueNanos)))
                                .build()));
    }

    @Test
    void dividesTheServersTimeAmongTheRequestsOfAWindow() {
        ServerSplit window = split(30, 7_000).since(split(10, 1_000));

        assertThat(window.requests()).isEqualTo(20);
        assertThat(window.means().queue()).isEqualTo(300);
        assertThat(window.meanBatch()).isEqualTo(2);
    }

    @Test
    void addsTheModelsOfAnEnsemble() {
        ServerSplit before = split(0, 0).withSteps(Map.of("a", split(5, 500), "b", split(5, 500)));
        ServerSplit after =
                split(10, 0).withSteps(Map.of("a", split(15, 1_500), "b", split(25, 4_500)));

        assertThat(after.since(before).means().queue())
                .isCloseTo((1_000 + 4_000) / 10.0, within(1e-9));
    }
}
