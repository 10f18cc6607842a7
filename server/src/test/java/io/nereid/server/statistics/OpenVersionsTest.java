package io.nereid.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.FakeModel;
import org.junit.jupiter.api.Test;

class OpenVersionsTest {
    private final OpenVersions versions = new OpenVersions();

    private static OpenVersion version(String model, long number) {
        return new OpenVersion(
                "",
                FakeModel.config(model, 0, 1),
                number,
                new VersionCounters(false, () -> 0),
                false);
    }

    @Test
    void listsVersionsByNameAndNumber() {
        OpenVersion later = version("b", 10);
        OpenVersion sooner = version("b", 9);
        OpenVersion first = version("a", 11);
        versions.opening(later);
        versions.opening(sooner);
        versions.opening(first);

        assertThat(versions.all()).containsExactly(first, sooner, later);
    }

    @Test
    void keepsTheOneInServiceUntilTheNewOneIsOpen() {
        OpenVersion old = version("m", 1);
        OpenVersion next = version("m", 1);
        versions.opened(old);

        versions.opening(next);
        assertThat(versions.all()).containsExactly(old);
        versions.opened(next);
        versions.gone(old);
        assertThat(versions.all()).containsExactly(next);
    }

    @Test
    void forgetsWhatCouldNotBeLoaded() {
        OpenVersion failed = version("m", 1);
        versions.opening(failed);

        versions.gone(failed);

        assertThat(versions.all()).isEmpty();
    }
}
