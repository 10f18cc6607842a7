package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.Parameter;
import io.nereid.server.FakeModel;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Restricted endpoints, forwarded headers, and pages of other origins. */
class AccessTest {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                    + "\"data\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}],"
                    + "\"parameters\":{\"my-own\":1,\"other\":2}}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final BlockingQueue<Map<String, Parameter>> parameters = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        fixture.catalog()
                .add(
                        new FakeModel(
                                FakeModel.config("echo", 0, 1),
                                1,
                                (request, sender) -> {
                                    parameters.add(new LinkedHashMap<>(request.parameters()));
                                    sender.send(FakeModel.echoOf(request, 1), true);
                                }));
        fixture.server().initialized();
    }

    private RunningHttp restricted(String... categories) {
        Map<ApiCategory, RestrictedApis.Header> required = new LinkedHashMap<>();
        for (String category : categories) {
            required.put(
                    ApiCategory.of(category).orElseThrow(),
                    new RestrictedApis.Header(category + "-key", "the value"));
        }
        return start(new RestrictedApis(required), HeaderForwarding.NONE, List.of());
    }

    private RunningHttp start(
            RestrictedApis restricted, HeaderForwarding forwarding, List<String> corsOrigins) {
        ServerOptions.Http options =
                TestOptions.http(true, 65536, restricted, forwarding, corsOrigins);
        return new RunningHttp(fixture, options);
    }

    @ParameterizedTest
    @CsvSource({
        "health,GET,/v2/health/live",
        "health,GET,/v2/health/ready",
        "health,GET,/v2/models/echo/ready",
        "metadata,GET,/v2",
        "metadata,GET,/v2/openapi.json",
        "metadata,GET,/v2/models/echo/openapi.json",
        "metadata,GET,/v2/models",
        "metadata,GET,/v2/models/echo",
        "metadata,GET,/v2/models/echo/versions/1",
        "model-config,GET,/v2/models/echo/config",
        "statistics,GET,/v2/models/stats",
        "statistics,GET,/v2/models/echo/stats",
        "trace,GET,/v2/trace/setting",
        "trace,GET,/v2/models/echo/trace/setting",
        "logging,GET,/v2/logging",
        "model-repository,GET,/v2/models",
        "model-repository,POST,/v2/repository/index",
        "model-repository,POST,/v2/repository/models/echo/load",
        "model-repository,POST,/v2/repository/models/echo/unload",
        "shared-memory,GET,/v2/systemsharedmemory/status",
        "shared-memory,POST,/v2/cudasharedmemory/unregister",
    })
    void restrictsEndpointsByCategory(String category, String method, String path)
            throws IOException {
        RunningHttp http = restricted(category);
        String refusal = "This API is restricted, expecting header '" + category + "-key'";
        assertError(http.send(method, path), 403, refusal);
        assertError(http.send(method, path, category + "-key: other"), 403, refusal);
        // before the method is looked at
        assertError(http.send("PUT", path), 403, refusal);
        String right = category.toUpperCase(Locale.ROOT) + "-KEY: the value";
        assertThat(http.send(method, path, right).status()).isEqualTo(200);
        assertError(http.send("PUT", path, right), 405, "Method Not Allowed");
    }

    @Test
    void restrictsInference() throws IOException {
        RunningHttp http = restricted("inference");
        assertError(
                http.post("/v2/models/echo/infer", INFER),
                403,
                "This API is restricted, expecting header 'inference-key'");
        assertThat(http.post("/v2/models/echo/infer", INFER, "inference-key: the value").status())
                .isEqualTo(200);
        assertThat(http.get("/v2/health/ready").status()).isEqualTo(200);
        assertError(http.get("/v2/nothing"), 404, "Not Found");
    }

    @Test
    void handsHeadersToTheModel() throws Exception {
        RunningHttp http =
                start(RestrictedApis.NONE, HeaderForwarding.of("my-|priority_"), List.of());
        RawClient.Reply reply =
                http.post(
                        "/v2/models/echo/infer",
                        INFER,
                        "My-Header: 7",
                        "X-my-other:  a b ",
                        "your: 1",
                        "my-own: 8");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(parameters.poll(10, TimeUnit.SECONDS))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "My-Header", new Parameter.StringValue("7"),
                                "X-my-other", new Parameter.StringValue("a b"),
                                "my-own", new Parameter.StringValue("8"),
                                "other", new Parameter.Int64Value(2)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sequence_id",
                "sequence_start",
                "sequence_end",
                "priority",
                "timeout",
                "headers",
                "binary_data_output",
                "triton_foo"
            })
    void refusesToForwardReservedHeaders(String name) throws IOException {
        RunningHttp http = start(RestrictedApis.NONE, HeaderForwarding.of(".*"), List.of());
        assertError(
                http.post("/v2/models/echo/infer", INFER, name + ": 1"),
                400,
                "Header '" + name + "' is reserved for Triton usage and cannot be forwarded.");
        assertThat(parameters).isEmpty();
    }

    @Test
    void tellsBrowsersWhichPagesMayCall() throws IOException {
        RunningHttp http =
                start(RestrictedApis.NONE, HeaderForwarding.NONE, List.of("https://a.example"));
        RawClient.Reply preflight =
                http.send(
                        "OPTIONS",
                        "/v2/models/echo/infer",
                        "Origin: https://a.example",
                        "Access-Control-Request-Method: POST",
                        "Access-Control-Request-Headers: content-type,x-key");
        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.body()).isEmpty();
        assertAllowed(preflight, "https://a.example");
        assertThat(preflight.header("Access-Control-Allow-Methods")).isEqualTo("GET, POST");
        assertThat(preflight.header("Access-Control-Allow-Headers"))
                .isEqualTo("content-type,x-key");

        String origin = "Origin: https://a.example";
        assertAllowed(http.get("/v2", origin), "https://a.example");
        assertAllowed(http.post("/v2/models/echo/infer", INFER, origin), "https://a.example");
        RawClient.Reply error = http.post("/v2/models/echo/infer", "{", origin);
        assertThat(error.status()).isEqualTo(400);
        assertAllowed(error, "https://a.example");
        assertAllowed(http.get("/nothing", origin), "https://a.example");
        assertAllowed(http.get("/v2/models/nobody", origin), "https://a.example");
    }

    private static void assertAllowed(RawClient.Reply reply, String origin) {
        assertThat(reply.header("Access-Control-Allow-Origin")).isEqualTo(origin);
        assertThat(reply.header("Access-Control-Expose-Headers"))
                .isEqualTo("Inference-Header-Content-Length");
        assertThat(reply.header("Vary")).isEqualTo("Origin");
    }

    @Test
    void tellsOtherPagesNothing() throws IOException {
        RunningHttp http =
                start(RestrictedApis.NONE, HeaderForwarding.NONE, List.of("https://a.example"));
        RawClient.Reply preflight =
                http.send(
                        "OPTIONS",
                        "/v2",
                        "Origin: https://b.example",
                        "Access-Control-Request-Method: GET");
        assertError(preflight, 405, "Method Not Allowed");
        assertThat(preflight.headers()).doesNotContainKey("access-control-allow-origin");
        assertThat(preflight.header("Vary")).isEqualTo("Origin");
        assertThat(http.get("/v2").headers()).doesNotContainKey("access-control-allow-origin");
        // not a preflight
        assertError(
                http.send("OPTIONS", "/v2", "Origin: https://a.example"),
                405,
                "Method Not Allowed");
    }

    @Test
    void letsAnyPageCallIfThatIsWanted() throws IOException {
        RunningHttp http = start(RestrictedApis.NONE, HeaderForwarding.NONE, List.of("*"));
        assertAllowed(http.get("/v2", "Origin: null"), "*");
    }

    @Test
    void knowsNothingOfOriginsByDefault() throws IOException {
        RunningHttp http = start(RestrictedApis.NONE, HeaderForwarding.NONE, List.of());
        RawClient.Reply reply = http.get("/v2", "Origin: https://a.example");
        assertThat(reply.headers()).containsOnlyKeys("content-type", "content-length");
        assertError(
                http.send(
                        "OPTIONS",
                        "/v2",
                        "Origin: https://a.example",
                        "Access-Control-Request-Method: GET"),
                405,
                "Method Not Allowed");
    }
}
