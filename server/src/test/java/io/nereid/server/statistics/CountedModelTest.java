package io.nereid.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.measures.Histogram;
import io.nereid.server.measures.HistogramFamily;
import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.VersionMeasures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CountedModelTest {
    private static final ModelConfig CONFIG = FakeModel.config("m", 0, 1);

    private final VersionCounters counters =
            new VersionCounters(
                    false,
                    () -> 0,
                    VersionMeasures.of(new MeasureSettings(false, true, List.of(), false), CONFIG));

    /** Requests that a model holds, and what came back. */
    private final List<ResponseSender> held = new ArrayList<>();

    private final List<String> answers = new ArrayList<>();

    private final CountedModel holding =
            new CountedModel(
                    new FakeModel(
                            CONFIG,
                            1,
                            (request, sender) -> {
                                request.close();
                                held.add(sender);
                            }),
                    counters,
                    "",
                    () -> {});

    private void ask(CountedModel model) {
        model.infer(new InferenceRequest("m", OptionalLong.empty()), new Answers());
    }

    private long firstResponses() {
        Histogram.Reading read =
                counters.measures().histogram(HistogramFamily.FIRST_RESPONSE).orElseThrow();
        return read.counts().stream().mapToLong(Long::longValue).sum();
    }

    private static InferenceResponse empty() {
        return new InferenceResponse("", "m", 1, Map.of(), List.of());
    }

    private static StatusException failure() {
        return new StatusException(StatusCode.UNAVAILABLE, "no");
    }

    @Test
    void holdsARequestUntilItsLastAnswer() {
        ask(holding);
        ask(holding);
        ask(holding);
        assertThat(counters.inFlight()).isEqualTo(3);

        held.get(0).send(empty(), false);
        assertThat(counters.inFlight()).isEqualTo(3);
        held.get(0).complete();
        held.get(1).send(empty(), true);
        held.get(2).fail(failure());

        assertThat(counters.inFlight()).isZero();
        assertThat(answers).containsExactly("2", "1", "0");
    }

    @Test
    void measuresTheFirstResponseOfEachRequest() {
        ask(holding);
        held.getFirst().send(empty(), false);
        held.getFirst().send(empty(), false);
        held.getFirst().send(empty(), true);

        assertThat(firstResponses()).isEqualTo(1);
    }

    @Test
    void measuresErrorsOfRequestsThatWereLetIn() {
        ask(holding);
        held.getFirst().fail(failure());

        assertThat(firstResponses()).isEqualTo(1);
    }

    @Test
    void doesNotMeasureWhatWasRefused() {
        ask(
                new CountedModel(
                        new FakeModel(
                                CONFIG,
                                1,
                                (request, sender) -> {
                                    request.close();
                                    sender.fail(failure());
                                }),
                        counters,
                        "",
                        () -> {}));

        assertThat(firstResponses()).isZero();
        assertThat(counters.inFlight()).isZero();
    }

    /** Notes how many requests are in flight when a last answer leaves. */
    private final class Answers implements ResponseSender {
        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            response.close();
            if (last) {
                ended();
            }
        }

        @Override
        public void complete() {
            ended();
        }

        @Override
        public void fail(StatusException status) {
            ended();
        }

        private void ended() {
            answers.add(Long.toString(counters.inFlight()));
        }
    }
}
