package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusCodeTest {
    @ParameterizedTest
    @CsvSource({
        "UNKNOWN, Unknown, 400, 2",
        "INTERNAL, Internal, 500, 13",
        "NOT_FOUND, Not found, 404, 5",
        "INVALID_ARG, Invalid argument, 400, 3",
        "UNAVAILABLE, Unavailable, 503, 14",
        "UNSUPPORTED, Unsupported, 501, 12",
        "ALREADY_EXISTS, Already exists, 400, 6",
        "CANCELLED, Cancelled, 400, 1",
        "RESOURCE_EXHAUSTED, Resource exhausted, 429, 8",
        "DEADLINE_EXCEEDED, Deadline exceeded, 504, 4"
    })
    void hasLabelHttpStatusAndGrpcCode(StatusCode code, String label, int http, int grpc) {
        assertThat(code.label()).isEqualTo(label);
        assertThat(code.httpStatus()).isEqualTo(http);
        assertThat(code.grpcCode()).isEqualTo(grpc);
        assertThat(StatusCode.values()).hasSize(10);
    }

    @Test
    void exceptionKeepsTheTextOfTheWire() {
        StatusException failure = StatusException.invalidArgument("bad");

        assertThat(failure.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(failure.text()).isEqualTo("bad");
        assertThat(failure.describe()).isEqualTo("Invalid argument: bad");
    }

    @Test
    void prefixKeepsCodeAndCause() {
        StatusException step = new StatusException(StatusCode.UNAVAILABLE, "full");
        StatusException failure = step.withPrefix("in ensemble 'e', ");

        assertThat(failure.code()).isEqualTo(StatusCode.UNAVAILABLE);
        assertThat(failure.text()).isEqualTo("in ensemble 'e', full");
        assertThat(failure).hasCause(step);
    }
}
