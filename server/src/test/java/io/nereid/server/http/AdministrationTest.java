package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static io.nereid.server.http.RunningHttp.assertJson;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statistics, trace settings, log settings, and how their requests are read. */
class AdministrationTest {
    private static final String NONE = "{\"count\":0,\"ns\":0}";
    private static final String TRACE =
            "{\"trace_level\":[\"OFF\"],\"trace_rate\":\"1000\",\"trace_count\":\"-1\","
                    + "\"log_frequency\":\"0\",\"trace_file\":\"\",\"trace_mode\":\"triton\"}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 8, 1), 3));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 8, 1), 10));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 65536));
    }

    private static String statistics(String version) {
        return "{\"name\":\"echo\",\"version\":\""
                + version
                + "\",\"last_inference\":1700000000000,\"inference_count\":5,"
                + "\"execution_count\":3,\"inference_stats\":{"
                + "\"success\":{\"count\":4,\"ns\":400},\"fail\":"
                + NONE
                + ",\"queue\":{\"count\":4,\"ns\":40},\"compute_input\":"
                + NONE
                + ",\"compute_infer\":"
                + NONE
                + ",\"compute_output\":"
                + NONE
                + ",\"cache_hit\":"
                + NONE
                + ",\"cache_miss\":"
                + NONE
                + "},\"response_stats\":{\"0\":{\"compute_infer\":"
                + NONE
                + ",\"compute_output\":"
                + NONE
                + ",\"success\":{\"count\":1,\"ns\":10},\"fail\":"
                + NONE
                + ",\"empty_response\":"
                + NONE
                + ",\"cancel\":"
                + NONE
                + "}},\"batch_stats\":[{\"batch_size\":2,\"compute_input\":"
                + NONE
                + ",\"compute_infer\":{\"count\":3,\"ns\":300},\"compute_output\":"
                + NONE
                + "}],\"memory_usage\":[{\"type\":\"CPU\",\"id\":0,\"byte_size\":1024}]}";
    }

    @Test
    void tellsStatistics() throws IOException {
        assertJson(
                http.get("/v2/models/echo/stats"),
                "{\"model_stats\":[" + statistics("3") + "," + statistics("10") + "]}");
        assertJson(
                http.get("/v2/models/echo/versions/3/stats"),
                "{\"model_stats\":[" + statistics("3") + "]}");
    }

    @Test
    void tellsStatisticsOfAllModels() throws IOException {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("a", 8, 1), 1));
        String body = http.get("/v2/models/stats").body();
        assertThat(body)
                .startsWith("{\"model_stats\":[{\"name\":\"a\",\"version\":\"1\",")
                .contains(statistics("3") + "," + statistics("10"));
    }

    @Test
    void refusesStatisticsOfWhatIsNotThere() throws IOException {
        assertError(
                http.get("/v2/models/nobody/stats"),
                400,
                "requested model 'nobody' is not available");
        assertError(
                http.get("/v2/models/echo/versions/7/stats"),
                400,
                "requested model version is not available for model 'echo'");
        assertError(http.send("POST", "/v2/models/echo/stats"), 405, "Method Not Allowed");
        assertError(http.send("POST", "/v2/models/stats"), 405, "Method Not Allowed");
        fixture.server().exiting();
        assertError(http.get("/v2/models/stats"), 503, "Server not ready");
    }

    @Test
    void tellsTraceSettings() throws IOException {
        assertJson(http.get("/v2/trace/setting"), TRACE);
        assertJson(http.get("/v2/models/echo/trace/setting"), TRACE);
        assertThat(fixture.extensions().calls)
                .containsExactly("trace Optional.empty", "trace Optional[echo]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|{}",
                "null|{}",
                "{\"foo\":\"1\",\"trace_mode\":\"opentelemetry\"}|{}",
                "{\"trace_rate\":\"7\",\"trace_level\":[\"TIMESTAMPS\",\"TENSORS\"]}"
                        + "|{trace_level=[TIMESTAMPS, TENSORS], trace_rate=[7]}",
                "{\"trace_level\":null,\"trace_count\":null}|{trace_level=[], trace_count=[]}",
                "{\"trace_level\":[],\"log_frequency\":\"2\"}"
                        + "|{trace_level=[OFF], log_frequency=[2]}",
            })
    void changesTraceSettings(String body, String changes) throws IOException {
        assertJson(http.post("/v2/models/echo/trace/setting", body), TRACE);
        assertThat(fixture.extensions().calls)
                .containsExactly(
                        "trace Optional[echo] " + changes + " HTTP", "trace Optional[echo]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"trace_rate\":5}|400|attempt to access JSON non-string as string",
                "{\"trace_level\":\"OFF\"}|400|attempt to access JSON non-array as array",
                "{\"trace_level\":[1]}|400|attempt to access JSON non-string as string",
                "{\"trace_rate\":5,\"trace_file\":null}|501"
                        + "|trace file location can not be updated through network protocol",
                "{|400|failed to parse the request JSON buffer: Missing a name for object member."
                        + " at 1",
            })
    void refusesWrongTraceSettings(String body, int status, String error) throws IOException {
        assertError(http.post("/v2/trace/setting", body), status, error);
        assertThat(fixture.extensions().calls).isEmpty();
    }

    @Test
    void passesRefusalsOfTraceSettingsOn() throws IOException {
        fixture.extensions()
                .failNext(
                        StatusException.invalidArgument("Unable to parse 'trace_rate', got: abc"));
        assertError(
                http.post("/v2/trace/setting", "{\"trace_rate\":\"abc\"}"),
                400,
                "Unable to parse 'trace_rate', got: abc");
        fixture.extensions()
                .failNext(
                        new StatusException(
                                StatusCode.UNAVAILABLE, "the server does not support tracing"));
        assertError(http.get("/v2/trace/setting"), 503, "the server does not support tracing");
    }

    @Test
    void knowsNoTraceSettingsOfUnknownModels() throws IOException {
        String text = "Request for unknown model: 'nobody' is not found";
        assertError(http.get("/v2/models/nobody/trace/setting"), 404, text);
        assertError(http.post("/v2/models/nobody/trace/setting", "{"), 404, text);
        assertError(http.get("/v2/models/echo/versions/3/trace/setting"), 404, "Not Found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/trace/setting", "/v2/models/echo/trace/setting", "/v2/logging"})
    void refusesEmptyBodiesAndOtherMethods(String path) throws IOException {
        String empty = "failed to parse the request JSON buffer: The document is empty. at 0";
        assertError(http.send("POST", path), 400, empty);
        assertError(http.post(path, " \n"), 400, empty.replace("at 0", "at 2"));
        assertError(http.send("PUT", path), 405, "Method Not Allowed");
        assertError(http.send("DELETE", path), 405, "Method Not Allowed");
    }

    @Test
    void refusesBodiesOverTheLimit() throws IOException {
        String text =
                "request JSON size of 70000 bytes exceeds the maximum allowed input size of 65536"
                        + " bytes. Use --http-max-input-size to increase the limit.";
        for (String path :
                new String[] {
                    "/v2/logging",
                    "/v2/trace/setting",
                    "/v2/repository/index",
                    "/v2/repository/models/echo/load",
                    "/v2/systemsharedmemory/region/r/register"
                }) {
            assertError(http.post(path, " ".repeat(70000)), 400, text);
        }
    }

    @Test
    void tellsAndChangesLogSettings() throws IOException {
        assertJson(http.get("/v2/logging"), log(true, true, true, 0, "default"));
        assertJson(
                http.post(
                        "/v2/logging",
                        "{\"log_format\":\"ISO8601\",\"log_verbose_level\":2,\"log_info\":false,"
                                + "\"log_warning\":null,\"log_file\":null,\"log_color\":true}"),
                log(false, true, true, 2, "ISO8601"));
        assertJson(
                http.post("/v2/logging", "{\"log_warning\":false,\"log_error\":false}"),
                log(false, false, false, 2, "ISO8601"));
        assertJson(
                http.post("/v2/logging", "{\"log_verbose_level\":18446744073709551615}"),
                log(false, false, false, Integer.MAX_VALUE, "ISO8601"));
        assertJson(
                http.post("/v2/logging", "{\"log_format\":\"json\"}"),
                log(false, false, false, Integer.MAX_VALUE, "json"));
        assertJson(http.post("/v2/logging", "{}"), http.get("/v2/logging").body());
    }

    private static String log(
            boolean info, boolean warning, boolean error, int level, String format) {
        return "{\"log_file\":\"\",\"log_info\":"
                + info
                + ",\"log_warning\":"
                + warning
                + ",\"log_error\":"
                + error
                + ",\"log_verbose_level\":"
                + level
                + ",\"log_format\":\""
                + format
                + "\"}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"log_file\":\"x\"}|501"
                        + "|log file location can not be updated through network protocol",
                "{\"log_info\":1}|400|attempt to access JSON non-boolean as boolean",
                "{\"log_verbose_level\":-1}|400"
                        + "|attempt to access JSON non-unsigned-integer as unsigned-integer",
                "{\"log_format\":1}|400|attempt to access JSON non-string as string",
                "{\"log_format\":\"iso\"}|503|invalid argument for --log_format, got: iso",
            })
    void refusesWrongLogSettings(String body, int status, String error) throws IOException {
        assertError(http.post("/v2/logging", body), status, error);
        assertThat(fixture.extensions().calls).isEmpty();
    }

    @Test
    void keepsLogSettingsBeforeAWrongOne() throws IOException {
        assertError(
                http.post(
                        "/v2/logging", "{\"log_error\":5,\"log_format\":\"x\",\"log_info\":false}"),
                400,
                "attempt to access JSON non-boolean as boolean");
        assertJson(http.get("/v2/logging"), log(false, true, true, 0, "default"));
    }
}
