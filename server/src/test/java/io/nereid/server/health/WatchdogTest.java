package io.nereid.server.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.VersionCounters;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A model with two instances, on a clock that the test moves. */
class WatchdogTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now;
    private final OpenVersions versions = new OpenVersions();
    private final TwoInstances model = new TwoInstances();
    private final OpenVersion version =
            new OpenVersion("", model.config(), 3, new VersionCounters(false, () -> 0), false);
    private final Watchdog watchdog = new Watchdog(versions, Duration.ofSeconds(10), () -> now);

    @BeforeEach
    void open() {
        version.opened(model, 0);
        versions.opened(version);
    }

    private void lookAt(long seconds) {
        now = seconds * SECOND;
        watchdog.look();
    }

    @Test
    void findsTheInstanceThatExecutesOneBatchForTooLong() {
        model.running = List.of(batch("m_0", 0), batch("m_1", 5));

        lookAt(10);
        assertThat(watchdog.stuck()).isEmpty();
        lookAt(11);
        assertThat(watchdog.stuck())
                .extracting(StuckInstance::describe)
                .containsExactly(
                        "model 'm' version 3 is stuck: instance 'm_0' has executed one batch for"
                                + " 11 s");
        assertThat(version.stuckInstances()).isEqualTo(1);
    }

    @Test
    void isContentWithManyShortBatches() {
        for (long second = 0; second < 100; second += 5) {
            model.running = List.of(batch("m_0", second), batch("m_1", second));
            lookAt(second + 5);

            assertThat(watchdog.stuck()).isEmpty();
        }
    }

    @Test
    void forgetsAnInstanceThatGoesOn() {
        model.running = List.of(batch("m_0", 0));
        lookAt(20);
        assertThat(watchdog.stuck()).hasSize(1);

        model.running = List.of(batch("m_0", 20));
        lookAt(21);

        assertThat(watchdog.stuck()).isEmpty();
        assertThat(version.stuckInstances()).isZero();
    }

    @Test
    void forgetsAVersionThatIsGone() {
        model.running = List.of(batch("m_0", 0));
        lookAt(20);

        versions.gone(version);
        lookAt(21);

        assertThat(watchdog.stuck()).isEmpty();
    }

    @Test
    void feedsReadiness() {
        Readiness strict = new Readiness(true, watchdog::stuck);
        Readiness lenient = new Readiness(false, watchdog::stuck);
        strict.requireWorking(model);
        assertThat(strict.allWork()).isTrue();

        model.running = List.of(batch("m_0", 0));
        lookAt(20);

        assertThatThrownBy(() -> strict.requireWorking(model))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith("model 'm' version 3 is stuck");
        assertThatThrownBy(strict::requireWorking).isInstanceOf(StatusException.class);
        assertThatThrownBy(() -> lenient.requireWorking(model)).isInstanceOf(StatusException.class);
        assertThat(strict.allWork()).isFalse();
        assertThat(lenient.allWork()).isTrue();
        lenient.requireWorking();
    }

    private static RunningBatch batch(String instance, long second) {
        return new RunningBatch(instance, second * SECOND, Thread.currentThread());
    }

    private static final class TwoInstances implements Model {
        private final ModelConfig config = FakeModel.config("m", 0, 1);
        private List<RunningBatch> running = List.of();

        @Override
        public ModelConfig config() {
            return config;
        }

        @Override
        public long version() {
            return 3;
        }

        @Override
        public List<RunningBatch> running() {
            return running;
        }

        @Override
        public void infer(@Owned InferenceRequest request, ResponseSender sender) {
            throw new AssertionError("nobody asks");
        }

        @Override
        public void close() {}
    }
}
