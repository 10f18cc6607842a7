package io.nereid.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private static Optional<TraceParent> read(Map<String, String> headers) {
        return TraceParent.of(name -> Optional.ofNullable(headers.get(name)));
    }

    @Test
    void readsWhatTheClientSent() {
        String text = "00-" + TRACE + "-" + SPAN + "-01";

        assertThat(read(Map.of("traceparent", text, "tracestate", "a=b")))
                .contains(new TraceParent(TRACE, SPAN, true, "a=b"));
    }

    @Test
    void tellsWhetherTheClientTraces() {
        assertThat(read(Map.of("traceparent", "00-" + TRACE + "-" + SPAN + "-00")))
                .hasValueSatisfying(parent -> assertThat(parent.sampled()).isFalse());
        assertThat(read(Map.of("traceparent", "00-" + TRACE + "-" + SPAN + "-03")))
                .hasValueSatisfying(parent -> assertThat(parent.sampled()).isTrue());
    }

    @Test
    void takesLaterVersionsThatGoOnBehindTheFlags() {
        assertThat(read(Map.of("traceparent", "01-" + TRACE + "-" + SPAN + "-01-more")))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-1"
            })
    void passesOverWhatIsNotValid(String text) {
        assertThat(read(Map.of("traceparent", text))).isEmpty();
    }

    @Test
    void isNothingWithoutHeader() {
        assertThat(read(Map.of("tracestate", "a=b"))).isEmpty();
    }
}
