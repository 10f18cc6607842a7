package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelVersionsTest {
    @Test
    void emptyTextAsksForTheNewest() {
        assertThat(ModelVersions.parse("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "0, 0",
        "'  7', 7",
        "+3, 3",
        "1abc, 1",
        "'12 13', 12",
        "007, 7",
        "1.9, 1",
        "9223372036854775807, 9223372036854775807"
    })
    void readsNumbersAsTheReferenceDoes(String text, long version) {
        assertThat(ModelVersions.parse(text)).hasValue(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", " ", "+", "-", "v1", "9223372036854775808", "\u0661"})
    void refusesWhatIsNoNumber(String text) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelVersions.parse(text))
                .withMessage(
                        "failed to get model version from specified version string '%s' (details:"
                                + " stol), version should be an integral value > 0",
                        text)
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);
    }

    @Test
    void refusesNegativeNumbers() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelVersions.parse("-1"))
                .withMessage(
                        "invalid model version specified '-1' , version should be an integral value"
                                + " > 0");
    }
}
