package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFrontendTest {
    private static final long MAX_INPUT_SIZE = 65536;
    private static final String SIXTEEN =
            IntStream.range(0, 16).mapToObj(Integer::toString).collect(Collectors.joining(","));

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final BlockingQueue<Question> held = new LinkedBlockingQueue<>();
    private HttpFrontend frontend;

    /** A request whose answer the test gives. */
    private record Question(InferenceRequest request, ResponseSender sender) {}

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 8, 1), 3));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 8, 1), 10));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("two", 0, 2), 1));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("my model", 0, 1), 1));
        fixture.catalog()
                .add(
                        new FakeModel(
                                FakeModel.config("held", 0, 1),
                                1,
                                (request, sender) -> held.add(new Question(request, sender))));
        fixture.server().initialized();
        frontend =
                fixture.closeLater(
                        HttpFrontend.start(
                                fixture.server(),
                                TestOptions.http(true, MAX_INPUT_SIZE),
                                fixture.transport()));
    }

    private RawClient client() throws IOException {
        return fixture.client(frontend.port());
    }

    private RawClient.Reply get(String path) throws IOException {
        return client().request("GET " + path + " HTTP/1.1").read();
    }

    private RawClient.Reply post(String path, String body, String... headers) throws IOException {
        return post(path, body.getBytes(StandardCharsets.ISO_8859_1), headers);
    }

    private RawClient.Reply post(String path, byte[] body, String... headers) throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + body.length;
        return client().request("POST " + path + " HTTP/1.1", all).send(body).read();
    }

    private static void assertError(RawClient.Reply reply, int status, String text) {
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }

    private static void assertEmpty(RawClient.Reply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("text/plain");
        assertThat(reply.header("Content-Length")).isEqualTo("0");
    }

    private Question nextHeld() throws InterruptedException {
        Question question = held.poll(30, TimeUnit.SECONDS);
        assertThat(question).isNotNull();
        return question;
    }

    private static String json(String name) {
        return json(name, "\"data\":[" + SIXTEEN + "]");
    }

    private static String json(String name, String data) {
        return "{\"name\":\"" + name + "\",\"datatype\":\"INT32\",\"shape\":[16]," + data + "}";
    }

    private static byte[] sixteen() {
        ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, 16).forEach(bytes::putInt);
        return bytes.array();
    }

    private static byte[] withBinary(String json) {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(head.length + 64).put(head).put(sixteen()).array();
    }

    @Test
    void tellsItsHealth() throws IOException {
        assertEmpty(get("/v2/health/live"), 200);
        assertEmpty(get("/v2/health/ready"), 200);
        fixture.catalog().setAllReady(false);
        assertEmpty(get("/v2/health/ready"), 400);
        assertEmpty(get("/v2/health/live"), 200);
        fixture.server().exiting();
        assertError(get("/v2/health/live"), 503, "Server exiting");
        assertError(get("/v2/health/ready"), 503, "Server exiting");
        assertError(get("/v2/models/echo/ready"), 503, "Server not ready");
        assertError(get("/v2/models/echo"), 503, "Server not ready");
        assertError(get("/v2/models/echo/config"), 503, "Server not ready");
    }

    @Test
    void tellsWhatItIs() throws IOException {
        RawClient.Reply reply = get("/v2");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.body())
                .isEqualTo(
                        "{\"name\":\"nereid\",\"version\":\"2.73.0\","
                                + "\"extensions\":[\"sequence\",\"parameters\"]}");
    }

    @Test
    void tellsWhatAModelIs() throws IOException {
        String tensors =
                "\"platform\":\"identity\","
                        + "\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[-1,16]}],"
                        + "\"outputs\":[{\"name\":\"Y0\",\"datatype\":\"INT32\","
                        + "\"shape\":[-1,16]}]}";
        assertThat(get("/v2/models/echo").body())
                .isEqualTo("{\"name\":\"echo\",\"versions\":[\"3\",\"10\"]," + tensors);
        assertThat(get("/v2/models/echo/versions/3").body())
                .isEqualTo("{\"name\":\"echo\",\"versions\":[\"3\"]," + tensors);
        assertThat(get("/v2/models/two").body()).contains("\"shape\":[16]");
        assertThat(get("/v2/models/my%20model").body()).startsWith("{\"name\":\"my model\"");
    }

    @Test
    void printsAConfiguration() throws IOException {
        RawClient.Reply reply = get("/v2/models/echo/versions/10/config");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.body())
                .startsWith("{\"name\":\"echo\",\"platform\":\"\",\"backend\":\"identity\"")
                .contains("\"max_batch_size\":8", "\"dims\":[16]");
    }

    @Test
    void tellsWhetherAModelIsReady() throws IOException {
        assertEmpty(get("/v2/models/echo/ready"), 200);
        assertEmpty(get("/v2/models/echo/versions/003/ready?x=1"), 200);
        assertError(
                get("/v2/models/echo/versions/7/ready"),
                404,
                "Request for unknown model: 'echo' version 7 is not found");
        assertError(
                get("/v2/models/nobody/ready"),
                404,
                "Request for unknown model: 'nobody' is not found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v2/",
                "/v2/models/",
                "/v2/health/ready/",
                "/v2/health",
                "/v2/models/echo/",
                "/v2/models/echo/infer/",
                "/v2/models/echo/versions/v1",
                "/v2/models/echo/versions//infer",
                "/v2/models/echo/ready/now",
                "/V2",
                "/v1/models/echo",
                "*"
            })
    void knowsNoOtherPaths(String path) throws IOException {
        assertError(get(path), 404, "Not Found");
        assertError(post(path, "{}"), 404, "Not Found");
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/v2",
        "POST,/v2/health/live",
        "DELETE,/v2/models/echo",
        "POST,/v2/models/echo/ready",
        "PUT,/v2/models/echo/config",
        "GET,/v2/models/nobody/versions/99999999999999999999/infer",
    })
    void refusesOtherMethods(String method, String path) throws IOException {
        assertError(
                client().request(method + " " + path + " HTTP/1.1").read(),
                405,
                "Method Not Allowed");
    }

    @Test
    void refusesHead() throws IOException {
        RawClient client = client().request("HEAD /v2/health/live HTTP/1.1");
        assertThat(client.readHead().status()).isEqualTo(405);
        assertThat(client.request("GET /v2/health/live HTTP/1.1").read().status()).isEqualTo(200);
    }

    @Test
    void refusesAVersionThatIsNoNumber() throws IOException {
        String version = "99999999999999999999";
        assertError(
                post("/v2/models/echo/versions/" + version + "/infer", "{}"),
                400,
                "failed to get model version from specified version string '"
                        + version
                        + "' (details: stol), version should be an integral value > 0");
    }

    @Test
    void answersJsonWithJson() throws IOException {
        RawClient.Reply reply =
                post(
                        "/v2/models/my%20model/infer",
                        "{\"id\":\"7\",\"inputs\":[" + json("X0") + "]}");
        assertThat(reply.body())
                .isEqualTo(
                        "{\"id\":\"7\",\"model_name\":\"my model\",\"model_version\":\"1\","
                                + "\"outputs\":[{\"name\":\"Y0\",\"datatype\":\"INT32\","
                                + "\"shape\":[16],\"data\":["
                                + SIXTEEN
                                + "]}]}");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.headers()).doesNotContainKey("inference-header-content-length");
    }

    @Test
    void answersBinaryWithBinary() throws IOException {
        String json =
                "{\"inputs\":["
                        + json("X0", "\"parameters\":{\"binary_data_size\":64}")
                        + "],\"parameters\":{\"binary_data_output\":true}}";
        RawClient.Reply reply =
                post(
                        "/v2/models/my%20model/infer",
                        withBinary(json), "Inference-Header-Content-Length: " + json.length());
        assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
        int jsonLength = Integer.parseInt(reply.header("Inference-Header-Content-Length"));
        assertThat(reply.body().substring(0, jsonLength))
                .endsWith("\"parameters\":{\"binary_data_size\":64}}]}");
        assertThat(reply.body().substring(jsonLength).getBytes(StandardCharsets.ISO_8859_1))
                .isEqualTo(sixteen());
    }

    @Test
    void answersARawBody() throws IOException {
        RawClient.Reply reply =
                post("/v2/models/echo/infer", sixteen(), "Inference-Header-Content-Length: 0");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.body()).endsWith(new String(sixteen(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void takesAnEmptyBodyForARawOne() throws IOException {
        assertError(
                client().request("POST /v2/models/two/infer HTTP/1.1").read(),
                400,
                "[request id: <id_unknown>] Raw request must only have 1 input (found 1) to be"
                        + " deduced but got 2 inputs in 'two' model configuration");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "abc|Unable to parse Inference-Header-Content-Length, got: abc",
                "|Unable to parse Inference-Header-Content-Length, got:  ",
                "-5|inference header size should be in range (0, 10), got: -5",
                "11|inference header size should be in range (0, 10), got: 11",
                "99999999999|Unable to parse Inference-Header-Content-Length, value is out of"
                        + " range [ -2147483648, 2147483647 ], got: 99999999999",
            },
            delimiter = '|',
            emptyValue = "",
            ignoreLeadingAndTrailingWhitespace = false)
    void checksTheLengthOfTheJson(String length, String error) throws IOException {
        String header = "Inference-Header-Content-Length: " + (length == null ? "" : length);
        assertError(post("/v2/models/echo/infer", "0123456789", header), 400, error);
        RawClient chunked =
                client().request(
                                "POST /v2/models/echo/infer HTTP/1.1",
                                header,
                                "Transfer-Encoding: chunked");
        assertError(chunked.send("a\r\n0123456789\r\n0\r\n\r\n").read(), 400, error);
    }

    @Test
    void readsTheLengthOfTheJsonAsCDoes() throws IOException {
        String json = "{\"inputs\":[" + json("X0") + "]}";
        RawClient.Reply reply =
                post(
                        "/v2/models/my%20model/infer",
                        json, "Inference-Header-Content-Length:  +" + json.length() + "abc ");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    @Test
    void refusesLargeJsonFromTheHead() throws IOException {
        RawClient client =
                client().request("POST /v2/models/echo/infer HTTP/1.1", "Content-Length: 70000");
        String text =
                "request JSON size of 70000 bytes exceeds the maximum allowed input size of 65536"
                        + " bytes. Use --http-max-input-size to increase the limit.";
        assertError(client.read(), 400, text);
        client.send(new byte[70000]);
        assertThat(client.request("GET /v2/health/live HTTP/1.1").read().status()).isEqualTo(200);
        assertError(
                client().request(
                                "POST /v2/models/echo/infer HTTP/1.1",
                                "Content-Length: 100000",
                                "Inference-Header-Content-Length: 70000")
                        .read(),
                400,
                text);
        RawClient chunked =
                client().request(
                                "POST /v2/models/echo/infer HTTP/1.1",
                                "Transfer-Encoding: chunked");
        chunked.send(Integer.toHexString(70000) + "\r\n").send(new byte[70000]);
        assertError(chunked.send("\r\n0\r\n\r\n").read(), 400, text);
    }

    @Test
    void refusesALargeRawBodyFromTheHead() throws IOException {
        assertError(
                client().request(
                                "POST /v2/models/echo/infer HTTP/1.1",
                                "Content-Length: 70000",
                                "Inference-Header-Content-Length: 0")
                        .read(),
                400,
                "Raw input has a byte_size (70000 bytes) that exceeds the maximum allowed value of"
                        + " 65536 bytes. Use --http-max-input-size to increase the limit.");
    }

    @Test
    void refusesABodyOfMoreThanTwoGigabytesFromTheHead() throws IOException {
        RawClient.Reply reply =
                client().request(
                                "POST /v2/models/echo/infer HTTP/1.1",
                                "Content-Length: 2147483648",
                                "Inference-Header-Content-Length: 100")
                        .read();
        assertError(
                reply,
                400,
                "Unable to parse Content-Length, value is out of range [ -2147483648, 2147483647"
                        + " ], got: 2147483648");
        assertThat(reply.header("Connection")).isEqualTo("close");
    }

    @Test
    void refusesWhatItCannotServe() throws IOException {
        ModelConfig decoupled =
                ModelConfig.of(
                        FakeModel.message("decoupled", 0, 1)
                                .setModelTransactionPolicy(
                                        ModelConfigProto.ModelTransactionPolicy.newBuilder()
                                                .setDecoupled(true))
                                .build());
        fixture.catalog().add(FakeModel.echo(decoupled, 1));
        assertError(
                post("/v2/models/decoupled/infer", "{}"),
                501,
                "HTTP end point doesn't support models with decoupled transaction policy");
        assertError(
                post("/v2/models/nobody/infer", "{}"),
                404,
                "Request for unknown model: 'nobody' is not found");
        assertError(
                post("/v2/models/echo/infer", "{}", "Content-Encoding: br"),
                501,
                "Unsupported compression type");
    }

    @Test
    void passesErrorsOfTheModelOn() throws Exception {
        RawClient client =
                client().request(
                                "POST /v2/models/held/infer HTTP/1.1",
                                "Content-Length: 64",
                                "Inference-Header-Content-Length: 0")
                        .send(sixteen());
        Question question = nextHeld();
        question.request().close();
        question.sender()
                .fail(new StatusException(StatusCode.INTERNAL, "it \"broke\"\n\u0001 /\u00e9"));
        assertThat(client.read().body())
                .isEqualTo("{\"error\":\"it \\\"broke\\\"\\n\\u0001 /\u00c3\u00a9\"}");
    }

    @Test
    void wantsExactlyOneResponse() throws Exception {
        RawClient client = client();
        for (int responses : new int[] {0, 1, 2}) {
            client.request(
                            "POST /v2/models/held/infer HTTP/1.1",
                            "Content-Length: 64",
                            "Inference-Header-Content-Length: 0")
                    .send(sixteen());
            Question question = nextHeld();
            for (int i = 0; i < responses; i++) {
                question.sender()
                        .send(new InferenceResponse("", "held", 1, Map.of(), List.of()), false);
            }
            question.request().close();
            question.sender().complete();
            RawClient.Reply reply = client.read();
            if (responses == 1) {
                assertThat(reply.status()).isEqualTo(200);
            } else {
                assertError(reply, 500, "expected a single response, got " + responses);
            }
        }
    }

    @Test
    void cancelsTheRequestOfAClientThatGoesAway() throws Exception {
        RawClient client =
                client().request(
                                "POST /v2/models/held/infer HTTP/1.1",
                                "Content-Length: 64",
                                "Inference-Header-Content-Length: 0")
                        .send(sixteen());
        Question question = nextHeld();
        CountDownLatch cancelled = new CountDownLatch(1);
        question.request().onCancel(cancelled::countDown);
        client.reset();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
        frontend.stop().get(30, TimeUnit.SECONDS);
    }

    @Test
    void holdsAdmissionUntilTheAnswerIsGiven() throws Exception {
        RawClient client =
                client().request(
                                "POST /v2/models/held/infer HTTP/1.1",
                                "Content-Length: 64",
                                "Inference-Header-Content-Length: 0")
                        .send(sixteen());
        Question question = nextHeld();
        assertThat(fixture.admission().inFlightBytes()).isEqualTo(64);
        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
        assertThat(client.read().status()).isEqualTo(200);
    }

    @Test
    void answersFromTheMemoryOfTheTensorToASlowReader() throws Exception {
        int values = 4 << 20;
        ModelConfigProto.ModelConfig.Builder large = FakeModel.message("large", 0, 1);
        large.getInputBuilder(0).setDims(0, -1);
        large.getOutputBuilder(0).setDims(0, -1);
        fixture.catalog().add(FakeModel.echo(ModelConfig.of(large.build()), 1));
        String json =
                "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":["
                        + values
                        + "],\"parameters\":{\"binary_data_size\":"
                        + 4 * values
                        + "}}],\"parameters\":{\"binary_data_output\":true}}";
        byte[] data = new byte[4 * values];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 7 + i / 999);
        }
        RawClient client =
                client().request(
                                "POST /v2/models/large/infer HTTP/1.1",
                                "Content-Length: " + (json.length() + data.length),
                                "Inference-Header-Content-Length: " + json.length())
                        .send(json)
                        .send(data);
        RawClient.Reply head = client.readHead();
        assertThat(head.status()).isEqualTo(200);
        assertThat(fixture.admission().inFlightBytes()).isPositive();
        client.readBytes(Integer.parseInt(head.header("Inference-Header-Content-Length")));
        assertThat(client.readBytes(data.length)).isEqualTo(data);
        frontend.stop().get(30, TimeUnit.SECONDS);
        var copies = fixture.allocator().copies();
        assertThat(copies.bytes(CopyMeter.Site.RECEIVE)).isLessThanOrEqualTo(16 << 10);
        assertThat(copies.copies(CopyMeter.Site.ENCODE)).isZero();
        assertThat(copies.copies(CopyMeter.Site.DECODE)).isZero();
    }

    @Test
    void freesALargeAnswerWhoseClientGoesAway() throws Exception {
        RawClient client =
                client().request(
                                "POST /v2/models/held/infer HTTP/1.1",
                                "Content-Length: 64",
                                "Inference-Header-Content-Length: 0")
                        .send(sixteen());
        Question question = nextHeld();
        question.request().close();
        Tensor output =
                new Tensor(
                        "Y0",
                        DataType.UINT8,
                        Shape.of(40L << 20),
                        fixture.allocator().allocate(40L << 20));
        question.sender()
                .send(new InferenceResponse("", "held", 1, Map.of(), List.of(output)), true);
        assertThat(client.readHead().status()).isEqualTo(200);
        client.reset();
        frontend.stop().get(30, TimeUnit.SECONDS);
        assertThat(fixture.allocator().openBlocks()).isZero();
    }

    @Test
    void servesAnOrdinaryClient() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + frontend.port() + "/v2/models/echo/infer");
            HttpRequest request =
                    HttpRequest.newBuilder(uri)
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "{\"inputs\":["
                                                    + json("X0").replace("[16]", "[1,16]")
                                                    + "]}"))
                            .build();
            for (int i = 0; i < 20; i++) {
                HttpResponse<String> reply =
                        client.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(reply.statusCode()).isEqualTo(200);
                assertThat(reply.body()).contains("\"model_version\":\"10\"", "\"shape\":[1,16]");
            }
        }
    }

    @Test
    void refusesInferenceBeforeTheModelsAreLoaded() throws Exception {
        ServerFixture other = new ServerFixture();
        other.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 1));
        try (HttpFrontend early =
                HttpFrontend.start(
                        other.server(),
                        TestOptions.http(false, MAX_INPUT_SIZE),
                        fixture.transport())) {
            RawClient client = fixture.client(early.port());
            assertEmpty(client.request("GET /v2/health/live HTTP/1.1").read(), 200);
            assertEmpty(client.request("GET /v2/health/ready HTTP/1.1").read(), 400);
            client.request(
                            "POST /v2/models/echo/infer HTTP/1.1",
                            "Content-Length: 64",
                            "Inference-Header-Content-Length: 0")
                    .send(sixteen());
            assertError(client.read(), 503, "Server not ready");
        }
    }
}
