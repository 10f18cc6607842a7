package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.repository.DirectoryState.FileState;
import io.nereid.repository.ModelWatch.Decision;
import io.nereid.repository.ModelWatch.Sight;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is taken up when, with simulated time. */
class ModelWatchTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ModelWatch watch = watching(Optional.empty());

    private static ModelWatch watching(Optional<String> marker) {
        return new ModelWatch(
                new PollOptions(Duration.ofSeconds(15), Duration.ofSeconds(2), marker));
    }

    private static Sight files(Map<String, FileState> files) {
        return new Sight.Present(new DirectoryState(new TreeMap<>(files)));
    }

    private static Sight size(long bytes) {
        return files(Map.of("1/model.onnx", new FileState(bytes, 7)));
    }

    private Decision look(long second, Map<String, Sight> seen) {
        return watch.look(seen, List.of(), _ -> true, second * SECOND);
    }

    @Test
    void takesUpAModelThatHasStayedTheSameForLongEnough() {
        Decision first = look(0, Map.of("m", size(10)));
        assertThat(first.load()).isEmpty();
        assertThat(first.waiting()).containsExactly("m");
        assertThat(first.nextLook()).isEqualTo(2 * SECOND);

        assertThat(look(1, Map.of("m", size(10))).load()).isEmpty();

        Decision quiet = look(2, Map.of("m", size(10)));
        assertThat(quiet.load()).containsExactly("m");
        assertThat(quiet.reasons()).containsEntry("m", "is new in its repository, loading it");
        assertThat(quiet.nextLook()).isEqualTo(17 * SECOND);
    }

    @Test
    void waitsAsLongAsSomebodyIsWriting() {
        for (int second = 0; second < 60; second++) {
            assertThat(look(second, Map.of("m", size(second))).load()).isEmpty();
        }
        assertThat(look(61, Map.of("m", size(59))).load()).containsExactly("m");
    }

    @Test
    void saysWhatHasChanged() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));
        Sight changed =
                files(
                        Map.of(
                                "1/model.onnx",
                                new FileState(11, 8),
                                "config.pbtxt",
                                new FileState(3, 8)));
        look(20, Map.of("m", changed));

        assertThat(look(22, Map.of("m", changed)).reasons())
                .containsEntry(
                        "m",
                        "has changed (changed 1/model.onnx, added config.pbtxt), loading it"
                                + " again");
    }

    @Test
    void doesNothingAboutWhatIsAsItWas() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));

        Decision later = look(100, Map.of("m", size(10)));

        assertThat(later.load()).isEmpty();
        assertThat(later.unload()).isEmpty();
        assertThat(later.reasons()).isEmpty();
    }

    @Test
    void unloadsWhatHasBeenGoneForLongEnough() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));

        assertThat(look(20, Map.of()).unload()).isEmpty();
        assertThat(look(21, Map.of("m", size(10))).unload()).isEmpty();
        assertThat(look(22, Map.of()).unload()).isEmpty();
        assertThat(look(24, Map.of()).unload()).containsExactly("m");
        assertThat(look(40, Map.of()).unload()).isEmpty();
    }

    @Test
    void unloadsWhatLiesInTwoPlacesAndLoadsItAgainWhenItDoesNot() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));
        look(20, Map.of("m", new Sight.Ambiguous()));
        assertThat(look(22, Map.of("m", new Sight.Ambiguous())).unload()).containsExactly("m");

        look(40, Map.of("m", size(10)));
        assertThat(look(42, Map.of("m", size(10))).load()).containsExactly("m");
    }

    @Test
    void leavesAloneWhatCannotBeSeen() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));
        for (int second = 20; second < 60; second++) {
            Decision blind = watch.look(Map.of(), List.of("m"), _ -> true, second * SECOND);
            assertThat(blind.unload()).isEmpty();
        }
    }

    @Test
    void triesAgainLessAndLessOften() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));
        assertThat(watch.tried("m", false, 2 * SECOND)).contains(Duration.ofSeconds(15));
        assertThat(look(16, Map.of("m", size(10))).load()).isEmpty();
        assertThat(look(17, Map.of("m", size(10))).reasons())
                .containsEntry("m", "could not be loaded once, trying again");
        assertThat(watch.tried("m", false, 17 * SECOND)).contains(Duration.ofSeconds(30));
        assertThat(look(46, Map.of("m", size(10))).load()).isEmpty();
        assertThat(look(47, Map.of("m", size(10))).load()).containsExactly("m");
        for (int i = 0; i < 40; i++) {
            watch.tried("m", false, 47 * SECOND);
        }
        assertThat(watch.tried("m", false, 47 * SECOND)).contains(ModelWatch.LONGEST_BACK_OFF);
    }

    @Test
    void triesAgainAtOnceWhenSomethingIsMended() {
        look(0, Map.of("m", size(10)));
        look(2, Map.of("m", size(10)));
        for (int i = 0; i < 10; i++) {
            watch.tried("m", false, 2 * SECOND);
        }
        look(3, Map.of("m", size(11)));

        assertThat(look(5, Map.of("m", size(11))).load()).containsExactly("m");
        assertThat(watch.tried("m", false, 5 * SECOND)).contains(Duration.ofSeconds(15));
    }

    @Test
    void waitsForTheMarkerAndForNothingElse() {
        ModelWatch marked = watching(Optional.of(".ready"));
        Sight copying =
                files(Map.of("/", new FileState(0, 9), "1/model.onnx", new FileState(4, 9)));
        Sight ready =
                files(
                        Map.of(
                                "/",
                                new FileState(0, 11),
                                "1/model.onnx",
                                new FileState(4, 9),
                                ".ready",
                                new FileState(0, 10)));
        Sight again =
                files(
                        Map.of(
                                "/",
                                new FileState(0, 11),
                                "1/model.onnx",
                                new FileState(8, 12),
                                ".ready",
                                new FileState(0, 10)));

        for (long hour = 0; hour < 24; hour++) {
            assertThat(
                            marked.look(
                                            Map.of("m", copying),
                                            List.of(),
                                            _ -> true,
                                            hour * 3600L * SECOND)
                                    .load())
                    .isEmpty();
        }
        assertThat(marked.look(Map.of("m", ready), List.of(), _ -> true, 90_000 * SECOND).load())
                .containsExactly("m");
        assertThat(marked.look(Map.of("m", again), List.of(), _ -> true, 99_000 * SECOND).load())
                .isEmpty();
    }

    @Test
    void whatNobodyWantsIsOnlyLookedAt() {
        watch.look(Map.of("m", size(10)), List.of(), _ -> false, 0);

        Decision quiet = watch.look(Map.of("m", size(10)), List.of(), _ -> false, 2 * SECOND);

        assertThat(quiet.load()).isEmpty();
        assertThat(quiet.quiet()).containsOnlyKeys("m");
    }
}
