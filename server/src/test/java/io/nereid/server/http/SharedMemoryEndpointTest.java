package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertDone;
import static io.nereid.server.http.RunningHttp.assertError;
import static io.nereid.server.http.RunningHttp.assertJson;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharedMemoryEndpointTest {
    private static final String SYSTEM = "/v2/systemsharedmemory";
    private static final String CUDA = "/v2/cudasharedmemory";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 65536));
    }

    @Test
    void registersAndForgetsSystemMemory() throws IOException {
        assertJson(http.get(SYSTEM + "/status"), "[]");
        assertDone(
                http.post(
                        SYSTEM + "/region/r%201/register",
                        "{\"key\":\"/k\",\"offset\":4096,\"byte_size\":256,\"x\":1}"));
        assertDone(http.post(SYSTEM + "/region/r2/register", "{\"byte_size\":1,\"key\":\"/k\"}"));
        assertJson(
                http.get(SYSTEM + "/region/r2/status"),
                "[{\"name\":\"r 1\",\"key\":\"/k\",\"offset\":4096,\"byte_size\":256},"
                        + "{\"name\":\"r2\",\"key\":\"/k\",\"offset\":0,\"byte_size\":1}]");
        assertDone(http.post(SYSTEM + "/region/r2/unregister", "{ not read"));
        assertDone(http.send("POST", SYSTEM + "/unregister"));
        assertThat(fixture.extensions().calls)
                .containsExactly(
                        "systemStatus Optional.empty",
                        "registerSystem r 1 /k 4096 256",
                        "registerSystem r2 /k 0 1",
                        "systemStatus Optional[r2]",
                        "unregisterSystem Optional[r2]",
                        "unregisterSystem Optional.empty");
    }

    @Test
    void registersAndForgetsCudaMemory() throws IOException {
        String handle = "A".repeat(86);
        assertDone(
                http.post(
                        CUDA + "/region/c/register",
                        "{\"raw_handle\":{\"b64\":\""
                                + handle
                                + "==\"},\"device_id\":1,\"byte_size\":16}"));
        assertJson(http.get(CUDA + "/status"), "[]");
        assertDone(http.send("POST", CUDA + "/region/c/unregister"));
        assertDone(http.send("POST", CUDA + "/unregister"));
        assertThat(fixture.extensions().calls)
                .containsExactly(
                        "registerCuda c 64 1",
                        "cudaStatus Optional.empty",
                        "unregisterCuda Optional[c]",
                        "unregisterCuda Optional.empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"byte_size\":1}|Shared memory register request has no 'key' field",
                "{\"key\":\"/k\"}|Shared memory register request has no 'byte_size' field",
                "{\"key\":1,\"byte_size\":1}|attempt to access JSON non-string as string",
                "{\"key\":\"/k\",\"byte_size\":-1}"
                        + "|attempt to access JSON non-unsigned-integer as unsigned-integer",
                "{\"key\":\"/k\",\"offset\":\"0\",\"byte_size\":1}"
                        + "|attempt to access JSON non-unsigned-integer as unsigned-integer",
                "``|failed to parse the request JSON buffer: The document is empty. at 0",
            })
    void refusesWrongRegistrationsOfSystemMemory(String body, String error) throws IOException {
        assertError(http.post(SYSTEM + "/region/r/register", body), 400, error);
        assertThat(fixture.extensions().calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"byte_size\":1}|Shared memory register request has no 'raw_handle' field",
                "{\"raw_handle\":{}}|attempt to access non-existing object member 'b64'",
                "{\"raw_handle\":{\"b64\":1}}|attempt to access JSON non-string as string",
                "{\"raw_handle\":{\"b64\":\"AAAA\"}}"
                        + "|attempt to access non-existing object member 'byte_size'",
                "{\"raw_handle\":{\"b64\":\"AAAA\"},\"byte_size\":1}"
                        + "|attempt to access non-existing object member 'device_id'",
            })
    void refusesWrongRegistrationsOfCudaMemory(String body, String error) throws IOException {
        assertError(http.post(CUDA + "/region/r/register", body), 400, error);
        assertThat(fixture.extensions().calls).isEmpty();
    }

    @Test
    void wantsANameToRegister() throws IOException {
        assertError(
                http.post(SYSTEM + "/register", "{"),
                400,
                "'region name' is necessary to register system shared memory region");
        assertError(
                http.post(CUDA + "/register", "{"),
                400,
                "'region name' is necessary to register cuda shared memory region");
    }

    @Test
    void passesRefusalsOn() throws IOException {
        fixture.extensions()
                .failNext(
                        new StatusException(
                                StatusCode.NOT_FOUND,
                                "Unable to find system shared memory region: 'r'"));
        assertError(
                http.get(SYSTEM + "/region/r/status"),
                404,
                "Unable to find system shared memory region: 'r'");
        String disabled =
                "Client shared memory is disabled. Start the server with"
                        + " '--allow-client-shm=true' to enable.";
        fixture.extensions().failNext(new StatusException(StatusCode.UNSUPPORTED, disabled));
        assertError(http.send("POST", SYSTEM + "/unregister"), 501, disabled);
    }

    @ParameterizedTest
    @ValueSource(strings = {SYSTEM, CUDA, SYSTEM + "/region/r", CUDA + "/region/r"})
    void refusesOtherMethods(String path) throws IOException {
        assertError(http.send("POST", path + "/status"), 405, "Method Not Allowed");
        assertError(http.get(path + "/register"), 405, "Method Not Allowed");
        assertError(http.get(path + "/unregister"), 405, "Method Not Allowed");
    }
}
