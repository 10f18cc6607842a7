package io.nereid.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private final Admission admission = new Admission(100);

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
}
