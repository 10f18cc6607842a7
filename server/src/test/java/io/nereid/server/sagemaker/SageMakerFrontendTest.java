package io.nereid.server.sagemaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.FakeModel;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.RestrictedApis;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SageMakerFrontendTest {
    private static final long MAX_INPUT_SIZE = 65536;
    private static final String BINARY =
            "application/vnd.sagemaker-triton.binary+json;json-header-size=";
    private static final String SIXTEEN =
            IntStream.range(0, 16).mapToObj(Integer::toString).collect(Collectors.joining(","));
    private static final String JSON =
            "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],\"data\":["
                    + SIXTEEN
                    + "]}]}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private int port;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 1));
        port = start(Optional.of("echo"), "infer", PingMode.READY);
    }

    private int start(Optional<String> model, String inferenceType, PingMode pingMode) {
        SageMakerFrontend.Settings settings =
                new SageMakerFrontend.Settings(
                        0,
                        MAX_INPUT_SIZE,
                        () -> model,
                        inferenceType,
                        pingMode,
                        new ApiGate(RestrictedApis.NONE),
                        Path.of("/nowhere"));
        return fixture.closeLater(
                        SageMakerFrontend.start(fixture.server(), settings, fixture.transport()))
                .port();
    }

    private RawClient.Reply ask(int to, String line, byte[] body, String... headers)
            throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + body.length;
        return fixture.client(to).request(line + " HTTP/1.1", all).send(body).read();
    }

    private RawClient.Reply get(int to, String path) throws IOException {
        return ask(to, "GET " + path, new byte[0]);
    }

    private RawClient.Reply invoke(byte[] body, String... headers) throws IOException {
        return ask(port, "POST /invocations", body, headers);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] sixteen() {
        ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, 16).forEach(bytes::putInt);
        return bytes.array();
    }

    private static void assertError(RawClient.Reply reply, int status, String text) {
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void isHealthyWhenTheModelsAreReady() throws IOException {
        assertThat(get(port, "/ping").status()).isEqualTo(400);
        fixture.server().initialized();
        RawClient.Reply reply = get(port, "/ping");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
        fixture.catalog().setAllReady(false);
        assertThat(get(port, "/ping").status()).isEqualTo(400);
        fixture.server().exiting();
        assertError(get(port, "/ping"), 503, "Server exiting");
    }

    @Test
    void isHealthyInLiveModeOnceTheDefaultModelIsReady() throws IOException {
        fixture.server().initialized();
        fixture.catalog().setAllReady(false);
        assertThat(get(start(Optional.of("echo"), "infer", PingMode.LIVE), "/ping").status())
                .isEqualTo(200);
        assertThat(get(start(Optional.empty(), "infer", PingMode.LIVE), "/ping").status())
                .isEqualTo(200);
        int missing = start(Optional.of("missing"), "infer", PingMode.LIVE);
        assertThat(get(missing, "/ping").status()).isEqualTo(400);
        fixture.server().exiting();
        assertError(get(missing, "/ping"), 503, "Server exiting");
    }

    @Test
    void readsThePingModeAsTheReferenceDoes() {
        assertThat(PingMode.of("live")).isEqualTo(PingMode.LIVE);
        assertThat(PingMode.of("ready")).isEqualTo(PingMode.READY);
        assertThat(PingMode.of("")).isEqualTo(PingMode.READY);
    }

    @ParameterizedTest
    @CsvSource({"POST,/ping", "HEAD,/ping?x", "GET,/invocations", "PUT,/invocations"})
    void refusesOtherMethods(String method, String path) throws IOException {
        RawClient.Reply reply =
                fixture.client(port).request(method + " " + path + " HTTP/1.1").readHead();
        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/foo", "/ping/", "/invocations/x", "/v2/health/live", "/%70ing"})
    void refusesOtherPathsWithoutAWord(String path) throws IOException {
        RawClient.Reply reply = get(port, path);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.header("Content-Type")).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: y",
                "Content-Type: application/json",
                "Content-Type: application/octet-stream",
                "Inference-Header-Content-Length: 5"
            })
    void takesAnythingElseForJson(String header) throws IOException {
        fixture.server().initialized();
        RawClient.Reply reply = invoke(bytes(JSON), header);
        assertThat(reply.body())
                .isEqualTo(
                        "{\"model_name\":\"echo\",\"model_version\":\"1\",\"outputs\":[{\"name\":"
                                + "\"Y0\",\"datatype\":\"INT32\",\"shape\":[16],\"data\":["
                                + SIXTEEN
                                + "]}]}");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "; charset=utf-8"})
    void answersBinaryWithBinary(String behindNumber) throws IOException {
        fixture.server().initialized();
        String json =
                "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                        + "\"parameters\":{\"binary_data_size\":64}}],"
                        + "\"outputs\":[{\"name\":\"Y0\",\"parameters\":{\"binary_data\":true}}]}";
        byte[] body =
                ByteBuffer.allocate(json.length() + 64).put(bytes(json)).put(sixteen()).array();
        RawClient.Reply reply =
                invoke(body, "Content-Type: " + BINARY + json.length() + behindNumber);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith(BINARY);
        int length = Integer.parseInt(reply.header("Content-Type").substring(BINARY.length()));
        assertThat(bytes(reply.body().substring(length))).isEqualTo(sixteen());
        assertThat(reply.headers()).doesNotContainKey("inference-header-content-length");
    }

    @Test
    void answersARawBody() throws IOException {
        fixture.server().initialized();
        RawClient.Reply reply = invoke(sixteen(), "Content-Type: " + BINARY + "0");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith(BINARY);
        assertThat(bytes(reply.body())).endsWith(sixteen());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text|Unable to parse inference header size, got: text",
                "9999999999999|Unable to parse inference header size, value is out of range, got:"
                        + " 9999999999999",
                "-1|inference header size should be in range (0, 64), got: -1",
                "65|inference header size should be in range (0, 64), got: 65",
            })
    void checksTheSizeOfTheJson(String size, String error) throws IOException {
        assertError(invoke(new byte[64], "Content-Type: " + BINARY + size), 400, error);
    }

    @Test
    void wantsTheContentTypeToBeginWithTheMarker() throws IOException {
        assertError(
                invoke(new byte[64], "Content-Type: x, " + BINARY + "10"),
                400,
                "expect MIME type for binary data starts with '"
                        + BINARY
                        + "', got: x, "
                        + BINARY
                        + "10");
    }

    @Test
    void refusesLargeBodiesFromTheHead() throws IOException {
        RawClient client = fixture.client(port);
        assertError(
                client.request("POST /invocations HTTP/1.1", "Content-Length: 70000").read(),
                400,
                "request JSON size of 70000 bytes exceeds the maximum allowed input size of 65536"
                        + " bytes. Use --http-max-input-size to increase the limit.");
        assertError(
                fixture.client(port)
                        .request(
                                "POST /invocations HTTP/1.1",
                                "Content-Length: 70000",
                                "Content-Type: " + BINARY + "0")
                        .read(),
                400,
                "Raw input has a byte_size (70000 bytes) that exceeds the maximum allowed input"
                        + " size of 65536 bytes. Use --http-max-input-size to increase the limit.");
    }

    @Test
    void namesTheVariableWhenThereIsNoDefaultModel() throws IOException {
        int without = start(Optional.empty(), "infer", PingMode.READY);
        assertError(
                ask(without, "POST /invocations", bytes(JSON)),
                400,
                "Request for unknown model: 'unspecified_SAGEMAKER_TRITON_DEFAULT_MODEL_NAME' is"
                        + " not found");
    }

    @Test
    void generatesWhereThatIsTheInferenceType() throws IOException {
        fixture.server().initialized();
        String object =
                "{\"Y0\":[" + SIXTEEN + "],\"model_name\":\"echo\",\"model_version\":\"1\"}";
        byte[] question = bytes("{\"X0\":[" + SIXTEEN + "],\"temperature\":0.5}");
        RawClient.Reply one =
                ask(
                        start(Optional.of("echo"), "generate", PingMode.READY),
                        "POST /invocations",
                        question);
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.header("Content-Type")).isEqualTo("application/json");
        assertThat(one.body()).isEqualTo(object);
        RawClient.Reply events =
                ask(
                        start(Optional.of("echo"), "generate_stream", PingMode.READY),
                        "POST /invocations",
                        question);
        assertThat(events.status()).isEqualTo(200);
        assertThat(events.header("Content-Type")).isEqualTo("text/event-stream; charset=utf-8");
        assertThat(events.body()).isEqualTo("data: " + object + "\n\n");
        assertError(
                ask(
                        start(Optional.of("nosuch"), "generate", PingMode.READY),
                        "POST /invocations",
                        question),
                400,
                "Request for unknown model: 'nosuch' is not found");
    }

    @Test
    void refusesOtherInferenceTypes() throws IOException {
        assertError(
                ask(
                        start(Optional.of("echo"), "guess", PingMode.READY),
                        "POST /invocations",
                        bytes(JSON)),
                400,
                "Server has invalid inference type 'guess'. Must be one of: infer, generate,"
                        + " generate_stream.");
    }
}
