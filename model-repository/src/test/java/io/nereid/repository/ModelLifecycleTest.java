package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nereid.repository.ModelLifecycle.Version;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelLifecycleTest {
    private final ModelLifecycle lifecycle = new ModelLifecycle();

    private static Map<Long, Version> versions(Map<String, ModelLifecycle.Entry> table) {
        return Optional.ofNullable(table.get("m")).orElseThrow().versions();
    }

    @Test
    void startsAVersionWithLoadingOnly() {
        assertThatIllegalStateException()
                .isThrownBy(() -> lifecycle.transition("m", Map.of(1L, Version.unavailable(""))))
                .withMessageContaining("m:1");
        assertThat(lifecycle.find("m")).isEmpty();
    }

    @Test
    void letsAFailedVersionLoadAgain() {
        lifecycle.transition("m", Map.of(1L, Version.LOADING));
        lifecycle.transition("m", Map.of(1L, Version.unavailable("Internal: no")));
        lifecycle.transition("m", Map.of(1L, Version.LOADING));

        assertThat(versions(lifecycle.snapshot())).containsEntry(1L, Version.LOADING);
    }

    @Test
    void isNotReadyWhileAVersionLoadsOrAModelHasNone() {
        assertThat(lifecycle.allReady()).isTrue();
        lifecycle.register("m", "m");
        assertThat(lifecycle.allReady()).isFalse();
        lifecycle.transition("m", Map.of(1L, Version.LOADING));
        assertThat(lifecycle.allReady()).isFalse();
        lifecycle.transition("m", Map.of(1L, Version.unavailable(ModelLifecycle.UNLOADED)));
        assertThat(lifecycle.allReady()).isTrue();
    }

    @Test
    void endsOnlyWhatIsStillLoading() {
        lifecycle.transition("m", Map.of(1L, Version.LOADING));
        lifecycle.transition("m", Map.of(1L, Version.unavailable("Internal: first")));
        lifecycle.transition("m", Map.of(2L, Version.LOADING));

        lifecycle.abandon("m", "Internal: second");

        assertThat(versions(lifecycle.snapshot()))
                .containsEntry(1L, Version.unavailable("Internal: first"))
                .containsEntry(2L, Version.unavailable("Internal: second"));
    }

    @Test
    void keepsSnapshotsThatWereTaken() {
        lifecycle.transition("m", Map.of(1L, Version.LOADING));
        Map<String, ModelLifecycle.Entry> before = lifecycle.snapshot();

        lifecycle.transition("m", Map.of(1L, Version.unavailable("Internal: no")));

        assertThat(versions(before)).containsEntry(1L, Version.LOADING);
    }
}
