package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertDone;
import static io.nereid.server.http.RunningHttp.assertError;
import static io.nereid.server.http.RunningHttp.assertJson;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.VersionState;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryEndpointTest {
    private static final String READY = "{\"name\":\"echo\",\"version\":\"3\",\"state\":\"READY\"}";
    private static final String FAILED =
            "{\"name\":\"bad\",\"version\":\"1\",\"state\":\"UNAVAILABLE\","
                    + "\"reason\":\"Internal: broken\"}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 8, 1), 3));
        fixture.catalog()
                .addToIndex(
                        new IndexEntry(
                                "bad",
                                OptionalLong.of(1),
                                Optional.of(VersionState.UNAVAILABLE),
                                "Internal: broken"))
                .addToIndex(new IndexEntry("new", OptionalLong.empty(), Optional.empty(), ""));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 65536));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/repository/index", "/v2/repository/main/index"})
    void tellsTheIndex(String path) throws IOException {
        String all = "[" + FAILED + "," + READY + ",{\"name\":\"new\"}]";
        assertJson(http.send("POST", path), all);
        assertJson(http.post(path, "{}"), all);
        assertJson(http.post(path, "{\"ready\":false,\"x\":1}"), all);
        assertJson(http.post(path, "{\"ready\":true}"), "[" + READY + "]");
        assertError(http.get(path), 405, "Method Not Allowed");
    }

    @Test
    void refusesWrongQuestionsForTheIndex() throws IOException {
        assertError(
                http.post("/v2/repository/index", "{\"ready\":1}"),
                400,
                "Invalid value for 'ready': expected a boolean");
        assertError(
                http.post("/v2/repository/index", "{x"),
                400,
                "failed to parse the request JSON buffer: Missing a name for object member. at 1");
        fixture.server().exiting();
        assertError(http.send("POST", "/v2/repository/index"), 503, "Server not ready");
    }

    @Test
    void tellsAllModelsAtOnce() throws IOException {
        String tensor = "\",\"datatype\":\"INT32\",\"shape\":[-1,16]}]";
        assertJson(
                http.get("/v2/models"),
                "{\"models\":[{\"name\":\"bad\",\"versions\":[{\"version\":\"1\","
                        + "\"state\":\"UNAVAILABLE\",\"reason\":\"Internal: broken\"}]},"
                        + "{\"name\":\"echo\",\"versions\":[{\"version\":\"3\","
                        + "\"state\":\"READY\"}],\"platform\":\"identity\",\"inputs\":[{"
                        + "\"name\":\"X0"
                        + tensor
                        + ",\"outputs\":[{\"name\":\"Y0"
                        + tensor
                        + "},{\"name\":\"new\",\"versions\":[]}]}");
        assertError(http.send("POST", "/v2/models"), 405, "Method Not Allowed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|Optional.empty []",
                "{}|Optional.empty []",
                "{\"parameters\":{}}|Optional.empty []",
                "{\"parameters\":{\"config\":\"{a}\"}}|Optional[{a}] []",
                "{\"parameters\":{\"config\":\"x\",\"file:1/m.onnx\":\"YWJj\","
                        + "\"file:2/n\":\"\"}}|Optional[x] [1/m.onnx, 2/n]",
            })
    void loads(String body, String override) throws IOException {
        assertDone(http.post("/v2/repository/models/my%20model/load", body));
        assertThat(fixture.extensions().calls).containsExactly("load my model " + override);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"parameters\":{\"config\":{}}}|400|attempt to access JSON non-string as string",
                "{\"parameters\":{\"x\":1}}|400|attempt to access JSON non-string as string",
                "{\"parameters\":{\"x\":\"1\"}}|500|unexpected error on creating Triton parameter",
                "{\"parameters\":[]}|400|attempt to get members for non-object",
                "{\"parameters\":null}|400|attempt to get members for non-object",
                "{|400|failed to parse the request JSON buffer: Missing a name for object member."
                        + " at 1",
            })
    void refusesWrongLoads(String body, int status, String error) throws IOException {
        assertError(http.post("/v2/repository/models/m/load", body), status, error);
        assertThat(fixture.extensions().calls).isEmpty();
    }

    @Test
    void unloads() throws IOException {
        String path = "/v2/repository/models/m/unload";
        assertDone(http.send("POST", path));
        assertDone(
                http.post(path, "{\"parameters\":{\"unload_dependents\":true,\"x\":[]},\"y\":1}"));
        assertThat(fixture.extensions().calls).containsExactly("unload m false", "unload m true");
        assertError(
                http.post(path, "{\"parameters\":{\"unload_dependents\":\"yes\"}}"),
                400,
                "Unable to parse 'unload_dependents': attempt to access JSON non-boolean as"
                        + " boolean");
        assertThat(fixture.extensions().calls).hasSize(2);
    }

    @Test
    void passesFailuresOn() throws IOException {
        StatusException failure =
                StatusException.invalidArgument("load failed for model 'm': version 1 is\n");
        fixture.extensions().failNext(failure);
        assertError(
                http.post("/v2/repository/models/m/load", "{}"),
                400,
                "load failed for model 'm': version 1 is\\n");
        fixture.extensions()
                .failNext(
                        new StatusException(
                                StatusCode.UNAVAILABLE,
                                "explicit model load / unload is not allowed if polling is"
                                        + " enabled"));
        assertError(
                http.send("POST", "/v2/repository/models/m/unload"),
                503,
                "explicit model load / unload is not allowed if polling is enabled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "unload"})
    void knowsNoNamedRepositories(String change) throws IOException {
        assertError(
                http.post("/v2/repository/foo/models/m/" + change, "{"),
                501,
                "'repository_name' specification is not supported");
        assertError(http.get("/v2/repository/models/m/" + change), 405, "Method Not Allowed");
        assertError(http.get("/v2/repository/models//" + change), 404, "Not Found");
        fixture.server().exiting();
        assertError(
                http.send("POST", "/v2/repository/models/m/" + change), 503, "Server not ready");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/repository",
                "/v2/repository/a/b/index",
                "/v2/repository/models/m/reload",
                "/v2/repository/a/b/models/m/load",
                "/v2/repository/models/load",
                "/v2/trace",
                "/v2/trace/settings",
                "/v2/logging/",
                "/v2/systemsharedmemory",
                "/v2/systemsharedmemory/region/status",
                "/v2/systemsharedmemory/regions/a/status",
                "/v2/cudasharedmemory/region//status",
                "/v2/models/echo/trace",
                "/v2/openapi.json/",
            })
    void knowsNoOtherPaths(String path) throws IOException {
        assertError(http.get(path), 404, "Not Found");
        assertError(http.post(path, "{}"), 404, "Not Found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"YWJj|abc", "YW J-j|abc", "YWI=|ab", "YWI|ab", "!!!|''", "YW=Jj|abc", "Y|''"})
    void readsBase64LikeTheReference(String text, String expected) {
        assertThat(LenientBase64.decode(text)).asString().isEqualTo(expected);
    }
}
