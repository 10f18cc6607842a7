package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.FakeModel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final Map<String, Double> blocks =
            new HashMap<>(Map.of("tokens_per", 64.0, "used", 25.0, "max", 100.0));

    private OptionalDouble value(String type) {
        Double value = blocks.get(type);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private Optional<String> report(String format) {
        return LoadReport.of(format, this::value);
    }

    @Test
    void writesText() {
        assertThat(report("text"))
                .hasValue(
                        "TEXT named_metrics.kv_cache_utilization=0.250000,"
                                + " named_metrics.max_token_capacity=6400");
    }

    @Test
    void writesJson() {
        assertThat(report("json"))
                .hasValue(
                        "JSON {\"named_metrics\":{\"kv_cache_utilization\":0.25,"
                                + "\"max_token_capacity\":6400}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TEXT", "Json", "xml"})
    void knowsNoOtherFormat(String format) {
        assertThat(report(format)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens_per", "used", "max"})
    void needsEveryFigure(String missing) {
        blocks.remove(missing);
        assertThat(report("text")).isEmpty();
        assertThat(report("json")).isEmpty();
    }

    @Test
    void needsACache() {
        blocks.put("max", 0.0);
        assertThat(report("json")).isEmpty();
        assertThat(LoadReport.of("json", LoadReport.CacheBlocks.NONE)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(GenerateRoute.Kind.class)
    void isAHeaderOfAnswersThatWereAskedForIt(GenerateRoute.Kind kind) throws IOException {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 0), 1));
        fixture.server().initialized();
        GenerateRoute route = new GenerateRoute(fixture.server(), 1000, this::value);
        HttpListener listener =
                fixture.closeLater(
                        HttpListener.open(
                                new ListenAddress("127.0.0.1", 0, false),
                                fixture.transport(),
                                fixture.server(),
                                (head, exchange) ->
                                        route.handle(
                                                head,
                                                exchange,
                                                "echo",
                                                OptionalLong.empty(),
                                                kind)));
        RawClient client = fixture.client(listener.port());
        client.request("POST / HTTP/1.1", "Content-Length: 2").send("{}");
        assertThat(client.read().header("endpoint-load-metrics")).isEmpty();
        client.request("POST / HTTP/1.1", "Content-Length: 2", "Endpoint-Load-Metrics-Format: text")
                .send("{}");
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("endpoint-load-metrics"))
                .startsWith("TEXT named_metrics.kv_cache_utilization=0.250000,");
    }
}
