package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that may have one request in flight. That each of them gives its place back is checked
 * after each test.
 */
class OverloadTest {
    private static final String BODY =
            """
            {"inputs":[{"name":"X0","datatype":"INT32","shape":[16],
            "data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}]}
            """;
    private static final String OVERLOADED =
            "server is overloaded: the 1 requests of --max-inflight-requests are in flight";
    private static final long MAX_BYTES = 1 << 20;

    @RegisterExtension
    final ServerFixture fixture = new ServerFixture(new AdmissionLimits(MAX_BYTES, 1, true));

    private final BlockingQueue<Held> held = new LinkedBlockingQueue<>();
    private RunningHttp http;

    private record Held(InferenceRequest request, ResponseSender sender) {
        void answer() {
            sender.send(FakeModel.echoOf(request, 1), true);
        }

        void fail(StatusException status) {
            request.close();
            sender.fail(status);
        }
    }

    @BeforeEach
    void start() {
        fixture.catalog()
                .add(FakeModel.echo(FakeModel.config("quick", 0, 1), 1))
                .add(
                        new FakeModel(
                                FakeModel.config("slow", 0, 1),
                                1,
                                (request, sender) -> held.add(new Held(request, sender))));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 1 << 20));
    }

    /** A client whose request fills the server. */
    private RawClient occupy() throws IOException {
        return fixture.client(http.port())
                .request("POST /v2/models/slow/infer HTTP/1.1", "Content-Length: " + BODY.length())
                .send(BODY);
    }

    private Held takeHeld() throws InterruptedException {
        Held next = held.poll(30, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @ParameterizedTest
    @ValueSource(strings = {"infer", "generate", "generate_stream"})
    void refusesFromTheHeadWithoutAskingForTheBody(String action) throws Exception {
        RawClient first = occupy();
        Held running = takeHeld();

        RawClient.Reply refusal =
                fixture.client(http.port())
                        .request(
                                "POST /v2/models/quick/" + action + " HTTP/1.1",
                                "Content-Length: 1000000",
                                "Expect: 100-continue")
                        .read();

        assertError(refusal, 429, OVERLOADED);
        assertThat(refusal.header("Retry-After")).isEqualTo("1");
        assertThat(fixture.admission().inFlightBytes()).isLessThan(1000);
        running.answer();
        assertThat(first.read().status()).isEqualTo(200);
        assertThat(http.post("/v2/models/quick/infer", BODY).status()).isEqualTo(200);
    }

    @Test
    void answersWhatIsNoRequestToAModel() throws Exception {
        RawClient first = occupy();
        Held running = takeHeld();

        assertThat(http.get("/v2/health/live").status()).isEqualTo(200);
        assertThat(http.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/quick/ready").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/quick").status()).isEqualTo(200);
        assertThat(http.post("/v2/repository/index", "").status()).isEqualTo(200);

        running.answer();
        assertThat(first.read().status()).isEqualTo(200);
    }

    /** All the bytes that requests may have are taken, which an operator's do not compete for. */
    @Test
    void readsBodiesOfAdministrativeRequests() throws Exception {
        fixture.admission().reserve(MAX_BYTES);

        assertThat(http.post("/v2/models/quick/infer", BODY).status()).isEqualTo(429);
        assertThat(http.post("/v2/logging", "{\"log_verbose_level\":1}").status()).isEqualTo(200);

        fixture.admission().release(MAX_BYTES);
    }

    /** The client that has its answer finds the place free, however soon it comes back. */
    @Test
    void servesAClientThatAsksAgainAtOnce() throws Exception {
        RawClient client = fixture.client(http.port());
        for (int i = 0; i < 200; i++) {
            client.request(
                            "POST /v2/models/quick/infer HTTP/1.1",
                            "Content-Length: " + BODY.length())
                    .send(BODY);
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void tellsAFullQueueTheSameWay() throws Exception {
        RawClient client = occupy();

        takeHeld().fail(StatusException.overloaded("[request id: x] Exceeds maximum queue size"));

        RawClient.Reply refusal = client.read();
        assertError(refusal, 429, "[request id: x] Exceeds maximum queue size");
        assertThat(refusal.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void givesThePlaceOfAClientThatWentAwayToOthers() throws Exception {
        RawClient first = occupy();
        Held running = takeHeld();

        first.reset();
        running.request().onCancel(running::answer);

        assertThat(awaitService()).isEqualTo(200);
    }

    @Test
    void givesThePlaceOfABodyThatNeverCameToOthers() throws Exception {
        RawClient first =
                fixture.client(http.port())
                        .request(
                                "POST /v2/models/quick/infer HTTP/1.1",
                                "Content-Length: 1000",
                                "Expect: 100-continue");
        assertThat(first.readHead().statusLine()).isEqualTo("HTTP/1.1 100 Continue");
        assertThat(http.post("/v2/models/quick/infer", BODY).status()).isEqualTo(429);

        first.reset();

        assertThat(awaitService()).isEqualTo(200);
    }

    /** The end of a connection is noticed a little later than its client sees it. */
    private int awaitService() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        int status = http.post("/v2/models/quick/infer", BODY).status();
        while (status == 429 && System.nanoTime() < end) {
            status = http.post("/v2/models/quick/infer", BODY).status();
        }
        return status;
    }
}
