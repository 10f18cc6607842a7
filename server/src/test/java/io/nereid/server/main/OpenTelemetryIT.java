package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spans of the real server, as a collector gets them (metrics section 12). */
final class OpenTelemetryIT {
    private static final byte[] BODY = TracedModels.BODY.getBytes(StandardCharsets.UTF_8);
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @TempDir private Path repository;

    private OtlpReceiver collector;

    @BeforeEach
    void open() throws IOException {
        collector = new OtlpReceiver();
    }

    @AfterEach
    void close() {
        collector.close();
    }

    private TracedModels start(String... settings) throws IOException {
        List<String> flags = new ArrayList<>();
        flags.add("--trace-config=mode=opentelemetry");
        flags.add("--trace-config=level=TIMESTAMPS");
        flags.add("--trace-config=opentelemetry,url=" + collector.url());
        for (String setting : settings) {
            flags.add("--trace-config=" + setting);
        }
        return TracedModels.start(repository, Optional.empty(), flags.toArray(String[]::new));
    }

    private List<Span> named(String name) {
        return collector.spans().stream().filter(span -> span.getName().equals(name)).toList();
    }

    private Span only(String name) {
        assertThat(named(name)).hasSize(1);
        return named(name).getFirst();
    }

    private static List<String> events(Span span) {
        return span.getEventsList().stream().map(Span.Event::getName).toList();
    }

    private static Map<String, Object> attributes(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(
                        Collectors.toMap(
                                KeyValue::getKey,
                                attribute ->
                                        attribute.getValue().hasIntValue()
                                                ? attribute.getValue().getIntValue()
                                                : attribute.getValue().getStringValue()));
    }

    private static ByteString bytes(String hex) {
        return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    }

    @Test
    void sendsThreeSpansForARequest() throws Exception {
        long before = System.currentTimeMillis();
        try (TracedModels models = start("rate=1")) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(collector.spans())
                .hasSize(3)
                .allMatch(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
        Span root = only("InferRequest");
        Span request = only("plain");
        Span compute = only("compute");
        assertThat(root.getParentSpanId()).isEqualTo(ByteString.EMPTY);
        assertThat(request.getParentSpanId()).isEqualTo(root.getSpanId());
        assertThat(compute.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(events(root))
                .containsExactly(
                        "HTTP_RECV_START",
                        "HTTP_RECV_END",
                        "INFER_RESPONSE_COMPLETE",
                        "HTTP_SEND_START",
                        "HTTP_SEND_END");
        assertThat(events(request)).containsExactly("REQUEST_START", "QUEUE_START", "REQUEST_END");
        assertThat(events(compute))
                .containsExactly(
                        "COMPUTE_START",
                        "COMPUTE_INPUT_END",
                        "COMPUTE_OUTPUT_START",
                        "COMPUTE_END");
        assertThat(attributes(request.getAttributesList()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "triton.model_name",
                                "plain",
                                "triton.model_version",
                                1L,
                                "triton.trace_id",
                                1L,
                                "triton.trace_parent_id",
                                0L,
                                "triton.request_id",
                                "abc"));
        assertThat(root.getAttributesCount()).isZero();
        assertThat(TimeUnit.NANOSECONDS.toMillis(root.getStartTimeUnixNano()))
                .isBetween(before - 1000, System.currentTimeMillis() + 1000);
        assertThat(root.getEndTimeUnixNano()).isGreaterThan(compute.getEndTimeUnixNano());
    }

    @Test
    void sendsSixSpansForAnEnsembleOfTwo() throws Exception {
        try (TracedModels models = start("rate=1")) {
            models.http().infer(TracedModels.INFER_CHAIN, BODY);
        }

        assertThat(collector.spans()).hasSize(6);
        Span chain = only("chain");
        assertThat(named("compute")).hasSize(2);
        for (String step : List.of("plain", "second")) {
            assertThat(only(step).getParentSpanId()).isEqualTo(chain.getSpanId());
            assertThat(attributes(only(step).getAttributesList()))
                    .containsEntry("triton.trace_parent_id", 1L);
            assertThat(named("compute"))
                    .anyMatch(span -> span.getParentSpanId().equals(only(step).getSpanId()));
        }
    }

    @Test
    void goesOnWithTheTraceOfTheClient() throws Exception {
        String sampled = "00-" + TRACE + "-" + SPAN + "-01";
        String unsampled = "00-" + TRACE + "-" + SPAN + "-00";
        try (TracedModels models = start("rate=0")) {
            models.http().infer(TracedModels.INFER, BODY);
            models.http().infer(TracedModels.INFER, BODY, "traceparent", unsampled);
            models.http()
                    .infer(TracedModels.INFER, BODY, "traceparent", sampled, "tracestate", "a=b");
            Metadata metadata = new Metadata();
            metadata.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), sampled);
            ModelInferResponse _ =
                    models.grpc()
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                            .modelInfer(TracedModels.grpcRequest("plain"));
        }

        assertThat(collector.spans())
                .hasSize(6)
                .allMatch(span -> span.getTraceId().equals(bytes(TRACE)));
        List<Span> roots = named("InferRequest");
        assertThat(roots).allMatch(span -> span.getParentSpanId().equals(bytes(SPAN)));
        assertThat(roots).extracting(Span::getTraceState).containsExactlyInAnyOrder("a=b", "");
        assertThat(roots)
                .extracting(OpenTelemetryIT::events)
                .anyMatch(events -> events.contains("GRPC_WAITREAD_START"));
    }

    @Test
    void saysWhatItIs() throws Exception {
        try (TracedModels models =
                start(
                        "rate=1",
                        "opentelemetry,resource=service.name=mine",
                        "opentelemetry,resource=zone=a")) {
            models.http().infer(TracedModels.INFER, BODY);
            assertThat(TestClient.text(models.http().get("/v2/trace/setting")))
                    .contains("\"trace_mode\":\"opentelemetry\"")
                    .contains("\"resource\":\"service.name=mine,zone=a\"");
        }

        assertThat(attributes(collector.received().getFirst().getResource().getAttributesList()))
                .containsEntry("service.name", "mine")
                .containsEntry("zone", "a");
        assertThat(collector.received().getFirst().getScopeSpans(0).getScope().getName())
                .isEqualTo("triton-server");
    }

    @Test
    void isNamedAsTheReferenceUnlessItIsToldOtherwise() throws Exception {
        try (TracedModels models = start("rate=1")) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(attributes(collector.received().getFirst().getResource().getAttributesList()))
                .containsEntry("service.name", "triton-inference-server");
    }

    @Test
    void servesWithoutACollector() throws Exception {
        try (TracedModels models = start("rate=1", "opentelemetry,url=http://127.0.0.1:1/x")) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(collector.received()).isEmpty();
    }
}
