package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generate endpoints over real sockets; the answers of the models are the tests'. */
class GenerateTest {
    private static final long MAX_INPUT_SIZE = 65536;
    private static final String GENERATE = "/v2/models/tokens/generate";
    private static final String STREAM = "/v2/models/tokens/generate_stream";
    private static final String QUESTION = "{\"IN\":[1,2]}";
    private static final String NOT_ONE =
            "{\"error\":\"generate expects model to produce exactly 1 response, use generate stream"
                    + " for model that generates various number of responses\"}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final BlockingQueue<Question> held = new LinkedBlockingQueue<>();
    private HttpFrontend frontend;

    /** A request whose answers the test gives. */
    private final class Question {
        final InferenceRequest request;
        final ResponseSender sender;
        final CountDownLatch cancelled = new CountDownLatch(1);

        Question(InferenceRequest request, ResponseSender sender) {
            this.request = request;
            this.sender = sender;
            request.onCancel(cancelled::countDown);
        }

        void send(int value, boolean last) {
            sender.send(token(Map.of(), value), last);
        }

        InferenceResponse token(Map<String, Parameter> parameters, int... values) {
            return new InferenceResponse(
                    request.id(),
                    "tokens",
                    1,
                    parameters,
                    List.of(fixture.allocator().int32("OUT", Shape.of(values.length), values)));
        }

        void fail(StatusCode code, String text) {
            sender.fail(new StatusException(code, text));
        }
    }

    @BeforeEach
    void start() {
        fixture.catalog()
                .add(
                        new FakeModel(
                                tokens(),
                                1,
                                (request, sender) -> {
                                    Question question = new Question(request, sender);
                                    request.close();
                                    held.add(question);
                                }));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 3));
        fixture.catalog()
                .add(
                        new FakeModel(
                                FakeModel.config("full", 0, 1),
                                1,
                                (request, sender) -> {
                                    request.close();
                                    sender.fail(
                                            new StatusException(
                                                    StatusCode.UNAVAILABLE, "queue is full"));
                                }));
        fixture.server().initialized();
        frontend =
                fixture.closeLater(
                        HttpFrontend.start(
                                fixture.server(),
                                TestOptions.http(true, MAX_INPUT_SIZE),
                                fixture.transport()));
    }

    private static ModelConfig tokens() {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("tokens", 0, 0);
        message.getModelTransactionPolicyBuilder().setDecoupled(true);
        message.addInputBuilder()
                .setName("IN")
                .setDataType(ModelConfigProto.DataType.TYPE_INT32)
                .addDims(-1);
        message.addOutputBuilder()
                .setName("OUT")
                .setDataType(ModelConfigProto.DataType.TYPE_INT32)
                .addDims(-1);
        return ModelConfig.of(message.build());
    }

    private RawClient ask(String path, String body, String... headers) throws IOException {
        return ask(fixture.client(frontend.port()), path, body, headers);
    }

    private static RawClient ask(RawClient client, String path, String body, String... headers)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + bytes.length;
        return client.request("POST " + path + " HTTP/1.1", all).send(bytes);
    }

    private Question next() throws InterruptedException {
        Question question = held.poll(30, TimeUnit.SECONDS);
        assertThat(question).isNotNull();
        return question;
    }

    private static String token(int value) {
        return "{\"OUT\":" + value + ",\"model_name\":\"tokens\",\"model_version\":\"1\"}";
    }

    private static void assertPlainError(RawClient.Reply reply, int status, String text) {
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Content-Length")).isNotEmpty();
    }

    private static void assertStreamed(RawClient.Reply reply, int status, String type) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo(type);
        assertThat(reply.header("Transfer-Encoding")).isEqualTo("chunked");
        assertThat(reply.header("endpoint-load-metrics")).isEmpty();
    }

    private static void assertObject(RawClient.Reply reply, int status, String body) {
        assertThat(reply.body()).isEqualTo(body);
        assertStreamed(reply, status, "application/json");
    }

    private static void assertEvents(RawClient.Reply reply, int status, String body) {
        assertThat(reply.body()).isEqualTo(body);
        assertStreamed(reply, status, "text/event-stream; charset=utf-8");
    }

    @Test
    void generateAnswersTheOnlyResponse() throws Exception {
        RawClient client = ask(GENERATE, "{\"IN\":7,\"id\":\"q\",\"temperature\":0.5}");
        Question question = next();
        assertThat(question.request.id()).isEqualTo("q");
        assertThat(question.request.parameters())
                .containsEntry("temperature", new Parameter.DoubleValue(0.5));
        question.sender.send(
                question.token(Map.of("p", new Parameter.BoolValue(true)), 1, 2), false);
        question.sender.complete();
        assertObject(
                client.read(),
                200,
                "{\"OUT\":[1,2],\"id\":\"q\",\"model_name\":\"tokens\",\"model_version\":\"1\","
                        + "\"p\":true}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void generateWorksWithOrdinaryModels(boolean stream) throws Exception {
        String object =
                "{\"Y0\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\"model_name\":\"echo\","
                        + "\"model_version\":\"3\"}";
        String path = "/v2/models/echo/versions/3/generate" + (stream ? "_stream" : "");
        RawClient client = ask(path, "{\"X0\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}");
        if (stream) {
            assertEvents(client.read(), 200, "data: " + object + "\n\n");
        } else {
            assertObject(client.read(), 200, object);
        }
    }

    @Test
    void generateRefusesOtherNumbersOfResponses() throws Exception {
        RawClient none = ask(GENERATE, QUESTION);
        next().sender.complete();
        assertObject(none.read(), 200, NOT_ONE);

        RawClient three = ask(GENERATE, QUESTION);
        Question question = next();
        question.send(1, false);
        question.send(2, false);
        question.send(3, true);
        assertObject(three.read(), 200, NOT_ONE);
    }

    @Test
    void generateTellsAnErrorWithItsStatus() throws Exception {
        RawClient first = ask(GENERATE, QUESTION);
        next().fail(StatusCode.INTERNAL, "broken");
        assertObject(first.read(), 500, "{\"error\":\"broken\"}");

        RawClient later = ask(GENERATE, QUESTION);
        Question question = next();
        question.send(1, false);
        question.fail(StatusCode.INTERNAL, "broken");
        assertObject(later.read(), 200, NOT_ONE);
    }

    @Test
    void generateTellsWhyAResponseHasNoText() throws Exception {
        RawClient client = ask(GENERATE, QUESTION);
        Question question = next();
        question.sender.send(
                new InferenceResponse(
                        "",
                        "tokens",
                        1,
                        Map.of(),
                        List.of(fixture.allocator().int32("OUT", Shape.of(2), 1))),
                true);
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).contains("output tensor shape does not match size of output");
    }

    @Test
    void streamSendsEachResponseWhenItComes() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        Question question = next();
        question.send(1, false);
        assertStreamed(client.readHead(), 200, "text/event-stream; charset=utf-8");
        assertThat(client.readChunk()).isEqualTo("data: " + token(1) + "\n\n");
        question.send(2, false);
        assertThat(client.readChunk()).isEqualTo("data: " + token(2) + "\n\n");
        question.send(3, true);
        assertThat(client.readChunk()).isEqualTo("data: " + token(3) + "\n\n");
        assertThat(client.readChunk()).isEmpty();
    }

    @Test
    void streamMayBeEmpty() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        next().sender.complete();
        assertEvents(client.read(), 200, "");
    }

    @Test
    void streamTellsAFirstErrorWithItsStatus() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        next().fail(StatusCode.UNAVAILABLE, "no \"room\"");
        assertEvents(client.read(), 503, "data: {\"error\":\"no \\\"room\\\"\"}\n\n");
    }

    @Test
    void streamTellsALaterErrorAsAnEvent() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        Question question = next();
        question.send(1, false);
        question.fail(StatusCode.INTERNAL, "broken");
        assertEvents(
                client.read(), 200, "data: " + token(1) + "\n\ndata: {\"error\":\"broken\"}\n\n");
    }

    @Test
    void streamGoesOnAfterAResponseWithoutText() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        Question question = next();
        question.send(1, false);
        question.sender.send(
                new InferenceResponse(
                        "",
                        "tokens",
                        1,
                        Map.of(),
                        List.of(fixture.allocator().int32("OUT", Shape.of(2), 1))),
                false);
        question.send(3, true);
        assertEvents(
                client.read(),
                200,
                "data: "
                        + token(1)
                        + "\n\ndata: {\"error\":\"Failed to write 'data' field: output tensor shape"
                        + " does not match size of output for 'OUT'\"}\n\ndata: "
                        + token(3)
                        + "\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "generate_stream"})
    void tellsWhatIsWrongWithARequestInPlainJson(String action) throws Exception {
        assertPlainError(
                ask("/v2/models/nosuch/" + action, QUESTION).read(),
                404,
                "Request for unknown model: 'nosuch' is not found");
        String path = "/v2/models/tokens/" + action;
        assertPlainError(
                ask(path, "").read(),
                400,
                "failed to parse the request JSON buffer: The document is empty. at 0");
        assertPlainError(
                ask(path, "{\"IN\":\"x\"}").read(),
                400,
                "Unable to parse 'data': attempt to access JSON non-signed-integer as"
                        + " signed-integer");
        assertPlainError(
                ask(path, "{\"IN\":[]}").read(),
                400,
                "[request id: <id_unknown>] unexpected shape for input 'IN' for model 'tokens'."
                        + " Expected [-1], got []. ");
        assertPlainError(
                ask("/v2/models/full/" + action, "{\"X0\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6]}")
                        .read(),
                503,
                "queue is full");
        assertPlainError(
                ask(path, "x".repeat((int) MAX_INPUT_SIZE + 1)).read(),
                400,
                "request JSON size of 65537 bytes exceeds the maximum allowed input size of 65536"
                        + " bytes. Use --http-max-input-size to increase the limit.");
        assertThat(held).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "generate_stream"})
    void refusesOtherMethodsAndCodings(String action) throws Exception {
        String path = "/v2/models/tokens/" + action;
        RawClient client = fixture.client(frontend.port());
        assertPlainError(
                client.request("GET " + path + " HTTP/1.1").read(), 405, "Method Not Allowed");
        assertPlainError(
                ask(path, QUESTION, "Content-Encoding: gzip").read(),
                400,
                "Unsupported content-encoding, only 'identity' is supported.");
        RawClient plain =
                ask(path, QUESTION, "Content-Encoding: identity", "Accept-Encoding: gzip");
        next().send(5, true);
        RawClient.Reply reply = plain.read();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains(token(5));
    }

    @Test
    void cancelsInMidStreamWhenTheClientGoes() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        Question question = next();
        question.send(1, false);
        client.readHead();
        client.readChunk();
        client.reset();
        assertThat(question.cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.send(2, false);
        question.fail(StatusCode.CANCELLED, "cancelled");
        assertThat(fixture.server().inFlight()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {GENERATE, STREAM})
    void cancelsBeforeTheFirstResponse(String path) throws Exception {
        RawClient client = ask(path, QUESTION);
        Question question = next();
        client.reset();
        assertThat(question.cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.fail(StatusCode.CANCELLED, "cancelled");
    }

    @Test
    void cancelsForAClientThatDoesNotRead() throws Exception {
        var _ = ask(STREAM, QUESTION);
        Question question = next();
        int[] values = new int[16 << 10];
        while (!question.request.isCancelled()) {
            question.sender.send(question.token(Map.of(), values), false);
            assertThat(fixture.allocator().openBytes()).as("bytes held").isLessThan(64L << 20);
        }
        question.fail(StatusCode.CANCELLED, "cancelled");
        assertThat(fixture.server().inFlight()).isZero();
    }

    @Test
    void goesOnWithPipelinedRequests() throws Exception {
        RawClient client = fixture.client(frontend.port());
        ask(client, STREAM, QUESTION);
        ask(client, GENERATE, QUESTION);
        ask(client, STREAM, "{\"IN\":null}");
        client.request("GET /v2/health/live HTTP/1.1");
        Question first = next();
        assertThat(held).isEmpty();
        first.send(1, false);
        first.send(2, true);
        next().send(3, true);
        assertEvents(client.read(), 200, "data: " + token(1) + "\n\ndata: " + token(2) + "\n\n");
        assertObject(client.read(), 200, token(3));
        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.read().status()).isEqualTo(200);
    }

    @Test
    void gracefulStopWaitsForTheStream() throws Exception {
        RawClient client = ask(STREAM, QUESTION);
        Question question = next();
        question.send(1, false);
        client.readHead();
        client.readChunk();
        var stopped = frontend.stop();
        assertThat(stopped).isNotDone();
        question.send(2, true);
        assertThat(client.readChunk()).contains(token(2));
        assertThat(client.readChunk()).isEmpty();
        assertThat(stopped).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void reportsNoLoadThatIsNotKnown() throws Exception {
        RawClient client = ask(STREAM, QUESTION, "endpoint-load-metrics-format: json");
        next().send(1, true);
        assertEvents(client.read(), 200, "data: " + token(1) + "\n\n");
    }
}
