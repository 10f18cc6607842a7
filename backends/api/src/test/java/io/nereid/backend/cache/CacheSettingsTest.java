package io.nereid.backend.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheSettingsTest {
    private static CacheSettings settings(String name, String value) {
        return new CacheSettings("Failed: ", Map.of(name, value));
    }

    @Test
    void readsTextsAndNumbers() {
        CacheSettings settings = new CacheSettings("", Map.of("a", "x", "b", " 7 ", "c", ""));

        assertThat(settings.text("a")).contains("x");
        assertThat(settings.number("b", 7, 7)).contains(7L);
        assertThat(settings.text("c")).isEmpty();
        assertThat(settings.number("d", 0, 1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "-1", "1.5", "x", "99999999999999999999"})
    void refusesNumbersThatAreNoneOrOutOfBounds(String value) {
        assertThatThrownBy(() -> settings("n", value).number("n", 1, 10))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG))
                .hasMessage("Failed: 'n' must be a whole number from 1 to 10. Got '" + value + "'");
    }

    @ParameterizedTest
    @CsvSource({"true,true", "ON,true", "1,true", "false,false", "off,false", "0,false"})
    void readsFlags(String text, boolean value) {
        assertThat(settings("f", text).flag("f")).isEqualTo(value);
    }

    @Test
    void refusesFlagsThatAreNeither() {
        assertThat(settings("f", "").flag("other")).isFalse();
        assertThatThrownBy(() -> settings("f", "maybe").flag("f"))
                .hasMessage("Failed: 'f' must be true or false. Got 'maybe'");
    }

    @Test
    void readsHowLongAnswersAreKept() {
        assertThat(settings("ttl_secs", "60").timeToLive()).contains(Duration.ofMinutes(1));
        assertThat(settings("size", "1").timeToLive()).isEmpty();
        assertThatThrownBy(() -> settings("ttl_secs", "0").timeToLive())
                .isInstanceOf(StatusException.class);
    }

    @Test
    void knowsWhatNobodyAskedFor() {
        CacheSettings settings = new CacheSettings("", Map.of("b", "1", "a", "2", "size", "3"));
        assertThat(settings.text("size")).isPresent();

        assertThat(settings.unread()).containsExactly("a", "b");
    }
}
