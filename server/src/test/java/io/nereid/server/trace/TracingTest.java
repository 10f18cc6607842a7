package io.nereid.server.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RequestTrace;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.server.FakeModel;
import io.nereid.server.logging.BackgroundWriter;
import io.nereid.server.trace.CallTrace.Moment;
import io.nereid.server.trace.TraceControl.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TracingTest {
    private static final FakeModel ADD = FakeModel.echo(FakeModel.config("add", 0, 1), 3);
    private static final FakeModel OTHER = FakeModel.echo(FakeModel.config("other", 0, 1), 1);
    private static final Set<TraceLevel> TIMESTAMPS = Set.of(TraceLevel.TIMESTAMPS);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final AtomicLong clock = new AtomicLong(100);
    private final TraceRoom room = new TraceRoom(1 << 20);
    private final Kept kept = new Kept();
    private TraceSettings settings = settings(TIMESTAMPS, 1, -1);
    private Tracing tracing = tracing(false);

    /** Keeps what it gets, until the writer has ended. */
    private static final class Kept implements TraceSink {
        private final List<TracedCall> calls = new ArrayList<>();
        private final List<TraceSetting> retired = new ArrayList<>();
        private int lost;

        @Override
        public void add(TracedCall call) {
            calls.add(call);
        }

        @Override
        public void lost(TraceSetting setting) {
            lost++;
        }

        @Override
        public void retire(TraceSetting setting) {
            retired.add(setting);
        }

        @Override
        public void close() {}
    }

    private static TraceSettings settings(Set<TraceLevel> levels, long rate, long count) {
        return new TraceSettings(
                new TraceOptions("triton", levels, rate, count, 0, "/tmp/t", Map.of()));
    }

    private Tracing tracing(boolean distributed) {
        return new Tracing(
                settings,
                distributed,
                clock::get,
                () -> "a".repeat(32),
                kept,
                new BackgroundWriter("traces of a test", 0, () -> {}),
                room);
    }

    private void restart(Set<TraceLevel> levels, long rate, long count) {
        tracing.close();
        settings = settings(levels, rate, count);
        tracing = tracing(false);
    }

    private CallTrace begin(FakeModel model) {
        return tracing.begin(TracedProtocol.HTTP, model, _ -> Optional.empty());
    }

    private List<TracedCall> traced() {
        tracing.close();
        return kept.calls;
    }

    /** Numbers of those requests out of {@code count} that are traced, from 1. */
    private List<Integer> chosen(FakeModel model, int count) {
        return IntStream.rangeClosed(1, count)
                .filter(_ -> {
                    CallTrace call = begin(model);
                    call.close();
                    return !call.equals(CallTrace.NONE);
                })
                .boxed()
                .toList();
    }

    private static InferenceRequest request(String id) {
        InferenceRequest request = new InferenceRequest("add", OptionalLong.empty());
        request.setId(id);
        return request;
    }

    private static List<String> stamps(List<? extends TraceEntry> entries) {
        return entries.stream()
                .map(entry ->
                        switch (entry) {
                            case TraceEntry.Stamp(String name, long nanos) -> name + "@" + nanos;
                            case TraceEntry.TensorData tensor ->
                                    tensor.activity() + " " + tensor.name() + "=" + tensor.data();
                        })
                .toList();
    }

    @Test
    void tracesEveryRateThRequest() {
        restart(TIMESTAMPS, 6, -1);
        assertThat(chosen(ADD, 20)).containsExactly(6, 12, 18);

        restart(TIMESTAMPS, 9, -1);
        assertThat(chosen(ADD, 20)).containsExactly(9, 18);
    }

    @Test
    void tracesNoMoreThanItsCount() {
        restart(TIMESTAMPS, 2, 3);

        assertThat(chosen(ADD, 20)).containsExactly(2, 4, 6);
        assertThat(settings.settings(Optional.empty())).containsEntry("trace_count", List.of("0"));
    }

    @Test
    void countsDownWhereItIsSetAndElsewhereGoesOn() {
        restart(TIMESTAMPS, 1, 5);
        chosen(OTHER, 2);

        settings.update(Optional.empty(), Map.of("trace_rate", List.of("2")), Protocol.HTTP);

        assertThat(settings.settings(Optional.empty())).containsEntry("trace_count", List.of("3"));
        assertThat(chosen(OTHER, 10)).containsExactly(2, 4, 6);
    }

    @Test
    void countsModelsWithSettingsOfTheirOwnForThemselves() {
        restart(Set.of(), 1000, -1);
        settings.update(
                Optional.of("add"),
                Map.of("trace_level", List.of("TIMESTAMPS"), "trace_rate", List.of("2")),
                Protocol.HTTP);

        assertThat(chosen(OTHER, 4)).isEmpty();
        assertThat(chosen(ADD, 4)).containsExactly(2, 4);

        settings.update(Optional.of("add"), Map.of("trace_rate", List.of("3")), Protocol.HTTP);
        assertThat(chosen(ADD, 4)).containsExactly(3);
        tracing.close();
        assertThat(kept.retired).hasSize(1);
    }

    @Test
    void tracesNothingWhenSwitchedOff() {
        restart(Set.of(), 1, -1);

        assertThat(begin(ADD)).isSameAs(CallTrace.NONE);
        assertThat(begin(ADD).request()).isSameAs(RequestTrace.NONE);
    }

    @Test
    void tracesNothingWithoutAFile() {
        settings =
                new TraceSettings(new TraceOptions("triton", TIMESTAMPS, 1, -1, 0, "", Map.of()));
        tracing.close();
        tracing = tracing(false);

        assertThat(begin(ADD)).isSameAs(CallTrace.NONE);
    }

    @Test
    void writesDownWhatHappensToARequest() {
        CallTrace call = begin(ADD);
        call.at(Moment.RECEIVE_START, 1);
        call.at(Moment.RECEIVE_END, 2);
        RequestTrace trace = call.request();
        trace.started(request("abc"));
        trace.queued(103);
        trace.computed(110, new ComputeNanos(1, 20, 300));
        clock.set(500);
        trace.ended(Optional.empty());
        call.at(Moment.SEND_START);
        clock.set(600);
        call.at(Moment.SEND_END);
        call.close();

        TracedCall traced = traced().getFirst();
        assertThat(stamps(traced.received()))
                .containsExactly("HTTP_RECV_START@1", "HTTP_RECV_END@2");
        assertThat(stamps(traced.answered()))
                .containsExactly(
                        "INFER_RESPONSE_COMPLETE@500", "HTTP_SEND_START@500", "HTTP_SEND_END@600");
        TracedRequest request = traced.requests().getFirst();
        assertThat(stamps(request.entries()))
                .containsExactly(
                        "REQUEST_START@100",
                        "QUEUE_START@103",
                        "COMPUTE_START@110",
                        "COMPUTE_INPUT_END@111",
                        "COMPUTE_OUTPUT_START@131",
                        "COMPUTE_END@431",
                        "REQUEST_END@500");
        assertThat(request)
                .returns(1L, TracedRequest::id)
                .returns(0L, TracedRequest::parentId)
                .returns("add", TracedRequest::modelName)
                .returns(3L, TracedRequest::modelVersion)
                .returns("abc", TracedRequest::requestId)
                .returns(Optional.empty(), TracedRequest::failure);
    }

    @Test
    void waitsForAllThatTheCallHasCaused() {
        CallTrace call = begin(ADD);
        RequestTrace top = call.request();
        top.started(request(""));
        RequestTrace step = top.child("step", 7);
        step.started(request(""));
        RequestTrace inner = step.child("inner", 8);
        inner.started(request(""));
        call.close();
        inner.ended(Optional.empty());
        top.ended(Optional.empty());
        assertThat(kept.calls).isEmpty();
        step.ended(Optional.of(StatusException.invalidArgument("no")));

        assertThat(traced().getFirst().requests())
                .extracting(
                        TracedRequest::id,
                        TracedRequest::parentId,
                        TracedRequest::modelName,
                        TracedRequest::failure)
                .containsExactly(
                        tuple(1L, 0L, "add", Optional.empty()),
                        tuple(2L, 1L, "step", Optional.of("no")),
                        tuple(3L, 2L, "inner", Optional.empty()));
    }

    @Test
    void handsOverACallWhoseRequestNeverReachedItsModel() {
        CallTrace call = begin(ADD);
        call.at(Moment.RECEIVE_START, 1);
        call.close();
        call.at(Moment.SEND_END, 2);

        TracedCall traced = traced().getFirst();
        assertThat(traced.requests()).hasSize(1).noneMatch(TracedRequest::started);
        assertThat(traced.answered()).isEmpty();
    }

    @Test
    void writesTensorsDownOnlyWhenTheyAreWanted() {
        restart(Set.of(TraceLevel.TENSORS), 1, -1);
        Tensor input = allocator.fp32("X", Shape.of(2), 1, 2.5f);
        InferenceRequest request = request("");
        request.addInput(input.retain());
        CallTrace call = begin(ADD);
        call.at(Moment.RECEIVE_START, 1);
        call.request().started(request);
        call.request().queued(1);
        try (InferenceResponse response =
                new InferenceResponse("", "add", 3, Map.of(), List.of(input.withName("Y")))) {
            call.request().responded(response);
        }
        call.request().ended(Optional.empty());
        call.close();
        request.close();

        TracedCall traced = traced().getFirst();
        assertThat(stamps(traced.requests().getFirst().entries()))
                .containsExactly("TENSOR_QUEUE_INPUT X=1,2.5", "TENSOR_BACKEND_OUTPUT Y=1,2.5");
        assertThat(Stream.concat(traced.received().stream(), traced.answered().stream())).isEmpty();
        assertThat(room.held()).isZero();
    }

    @Test
    void dropsWhatFindsNoRoom() {
        restart(Set.of(TraceLevel.TENSORS), 1, -1);
        InferenceRequest large = request("");
        large.addInput(
                new Tensor(
                        "X", DataType.INT8, Shape.of(1 << 20), allocator.bytes(new byte[1 << 20])));
        CallTrace call = begin(ADD);
        call.request().started(large);
        call.request().ended(Optional.empty());
        call.close();
        large.close();

        assertThat(traced()).isEmpty();
        assertThat(kept.lost).isEqualTo(1);
        assertThat(tracing.dropped()).isEqualTo(1);
        assertThat(room.held()).isZero();
    }

    @Test
    void letsTheClientDecideInDistributedTracing() {
        tracing.close();
        settings =
                new TraceSettings(
                        new TraceOptions("opentelemetry", TIMESTAMPS, 0, -1, 0, "", Map.of()));
        tracing = tracing(true);

        begin(ADD).close();
        beginWith("01").close();
        beginWith("00").close();

        assertThat(traced()).hasSize(1).first().returns("b".repeat(32), TracedCall::traceId);
    }

    private CallTrace beginWith(String flags) {
        String parent = "00-" + "b".repeat(32) + "-" + "c".repeat(16) + "-" + flags;
        return tracing.begin(
                TracedProtocol.GRPC,
                ADD,
                name -> name.equals("traceparent") ? Optional.of(parent) : Optional.empty());
    }
}
