package io.nereid.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RequestTrace;
import io.nereid.server.FakeModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AccessFileTest {
    private static final FakeModel MODEL = FakeModel.echo(FakeModel.config("add", 0, 1), 3);
    private static final InstantSource TIME =
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.678Z"));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong(1_000_000);

    private AccessFile file(boolean json) {
        return new AccessFile(out, json, TIME, nanos::get);
    }

    private String written(AccessFile file) {
        file.close();
        return out.toString(StandardCharsets.UTF_8);
    }

    private void infer(AccessFile file) {
        AccessRecord record =
                file.begin("HTTP/1.1", "POST", "/v2/models/add/infer", "127.0.0.1:5000");
        RequestTrace trace = record.asks(MODEL, "7", _ -> Optional.empty());
        InferenceRequest request = new InferenceRequest("add", OptionalLong.empty());
        request.setId("a \"b\"");
        request.setTrace(trace);
        record.named(request.id());
        trace.started(request);
        request.enqueued(1_100_000);
        request.executed(1_350_000, new ComputeNanos(1_000, 20_000, 3_000));
        trace.ended(Optional.empty());
        record.bytes(10, 20);
        nanos.set(2_500_000);
        record.end("200");
        record.end("499");
    }

    @Test
    void writesALineForARequest() {
        AccessFile file = file(false);
        infer(file);

        assertThat(written(file))
                .isEqualTo(
                        "2026-01-02T03:04:05.678Z 127.0.0.1:5000 HTTP/1.1 \"POST"
                                + " /v2/models/add/infer\" 200 received=10 sent=20 model=\"add\""
                                + " version=3 queue_us=250 compute_input_us=1 compute_infer_us=20"
                                + " compute_output_us=3 total_us=1500 request_id=\"a \\\"b\\\"\""
                                + " trace_id=7\n");
    }

    @Test
    void writesAnObjectForARequest() {
        AccessFile file = file(true);
        infer(file);

        assertThat(written(file))
                .isEqualTo(
                        "{\"time\":\"2026-01-02T03:04:05.678Z\",\"client\":\"127.0.0.1:5000\","
                                + "\"protocol\":\"HTTP/1.1\",\"method\":\"POST\","
                                + "\"target\":\"/v2/models/add/infer\",\"status\":\"200\","
                                + "\"received_bytes\":10,\"sent_bytes\":20,\"model\":\"add\","
                                + "\"version\":3,\"queue_us\":250,\"compute_input_us\":1,"
                                + "\"compute_infer_us\":20,\"compute_output_us\":3,\"total_us\":1500,"
                                + "\"request_id\":\"a \\\"b\\\"\",\"trace_id\":\"7\"}\n");
    }

    @Test
    void escapesWhatCouldPassForALineOfItsOwn() {
        AccessFile file = file(false);
        file.begin("HTTP/1.1", "GET", "/a\nb", "c").end("404");

        assertThat(written(file))
                .isEqualTo(
                        "2026-01-02T03:04:05.678Z c HTTP/1.1 \"GET /a\\nb\" 404 received=0 sent=0"
                                + " total_us=0\n");
    }

    @Test
    void namesTheTraceOfTheClientIfThereIsNoOther() {
        AccessFile file = file(false);
        AccessRecord record = file.begin("gRPC", "POST", "/x", "c");
        String parent = "00-" + "b".repeat(32) + "-" + "c".repeat(16) + "-00";
        var _ = record.asks(MODEL, "", _ -> Optional.of(parent));
        record.end("OK");

        assertThat(written(file)).endsWith(" trace_id=" + "b".repeat(32) + "\n");
    }

    @Test
    void outlivesAFullDisk() {
        AccessFile file =
                new AccessFile(
                        new OutputStream() {
                            @Override
                            public void write(int value) throws IOException {
                                throw new IOException("no space left");
                            }
                        },
                        false,
                        TIME,
                        nanos::get);
        file.begin("HTTP/1.1", "GET", "/", "c").end("200");

        file.close();
        assertThat(file.isOn()).isTrue();
    }

    @Test
    void writesAddressesWithPorts() throws UnknownHostException {
        assertThat(
                        AccessLog.address(
                                new InetSocketAddress(
                                        InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 80)))
                .isEqualTo("127.0.0.1:80");
        assertThat(
                        AccessLog.address(
                                new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 80)))
                .isEqualTo("[0:0:0:0:0:0:0:0]:80");
        assertThat(AccessLog.address(null)).isEqualTo("-");
    }
}
