package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever becomes of a request, the fixture sees that its places in shared memory are let go. */
class SharedMemoryInferTest {
    private static final String INPUT =
            place("X0", 0, 64, ",\"datatype\":\"INT32\",\"shape\":[16]");

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final BlockingQueue<Question> held = new LinkedBlockingQueue<>();
    private HttpFrontend frontend;

    /** A request whose answer the test gives. */
    private record Question(InferenceRequest request, ResponseSender sender) {}

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 1));
        fixture.catalog()
                .add(
                        new FakeModel(
                                FakeModel.config("held", 0, 1),
                                1,
                                (request, sender) -> held.add(new Question(request, sender))));
        fixture.server().initialized();
        int[] bytes = new int[128];
        Arrays.setAll(bytes, i -> i < 64 ? i : 0);
        fixture.extensions().memory.region("r", bytes);
        frontend =
                fixture.closeLater(
                        HttpFrontend.start(
                                fixture.server(),
                                TestOptions.http(true, 65536),
                                fixture.transport()));
    }

    /** A tensor in region r. */
    private static String place(String name, int offset, int byteSize, String members) {
        return "{\"name\":\"%s\"%s,\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_offset\":%d,\"shared_memory_byte_size\":%d}}"
                .formatted(name, members, offset, byteSize);
    }

    private static String body(String input, String output) {
        return "{\"inputs\":[" + input + "],\"outputs\":[" + output + "]}";
    }

    private RawClient send(String model, String body) throws IOException {
        RawClient client = fixture.client(frontend.port());
        client.request(
                        "POST /v2/models/" + model + "/infer HTTP/1.1",
                        "Content-Length: " + body.length())
                .send(body.getBytes(StandardCharsets.UTF_8));
        return client;
    }

    private Question nextHeld() throws InterruptedException {
        Question question = held.poll(30, TimeUnit.SECONDS);
        assertThat(question).isNotNull();
        return question;
    }

    @Test
    void readsInputsFromAndWritesOutputsToSharedMemory() throws IOException {
        RawClient.Reply reply = send("echo", body(INPUT, place("Y0", 64, 64, ""))).read();

        assertThat(reply.body())
                .isEqualTo(
                        "{\"model_name\":\"echo\",\"model_version\":\"1\",\"outputs\":"
                                + "[{\"name\":\"Y0\",\"datatype\":\"INT32\",\"shape\":[16]}]}");
        byte[] bytes = fixture.extensions().memory.bytes("r");
        assertThat(Arrays.copyOfRange(bytes, 64, 128)).isEqualTo(Arrays.copyOf(bytes, 64));
        assertThat(fixture.allocator().copies().bytes(CopyMeter.Site.SHARED_INPUT)).isEqualTo(64);
        assertThat(fixture.allocator().copies().copies(CopyMeter.Site.ENCODE)).isZero();
    }

    @Test
    void refusesOutputsThatDoNotFit() throws IOException {
        RawClient.Reply reply = send("echo", body(INPUT, place("Y0", 64, 8, ""))).read();

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body())
                .isEqualTo(
                        "{\"error\":\"shared memory size specified with the request for output 'Y0'"
                                + " (8 bytes) should be at least 64 bytes to hold the results\"}");
    }

    @Test
    void letsGoWhatAnInvalidRequestHolds() throws IOException {
        String tooSmall = place("X0", 0, 60, ",\"datatype\":\"INT32\",\"shape\":[16]");

        RawClient.Reply reply = send("echo", body(tooSmall, place("Y0", 64, 64, ""))).read();

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("Expected 64, got 60");
    }

    @Test
    void letsGoWhatAFailedRequestHolds() throws Exception {
        RawClient client = send("held", body(INPUT, place("Y0", 64, 64, "")));
        Question question = nextHeld();
        assertThat(fixture.extensions().memory.openWindows()).isEqualTo(1);

        question.request().close();
        question.sender().fail(new StatusException(StatusCode.INTERNAL, "broken"));

        assertThat(client.read().body()).isEqualTo("{\"error\":\"broken\"}");
    }

    @Test
    void writesNothingForAClientThatHasGone() throws Exception {
        RawClient client = send("held", body(INPUT, place("Y0", 64, 64, "")));
        Question question = nextHeld();
        CountDownLatch cancelled = new CountDownLatch(1);
        question.request().onCancel(cancelled::countDown);

        client.close();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        question.sender().send(FakeModel.echoOf(question.request(), 1), true);

        fixture.transport().eventLoops().submit(() -> {}).get(30, TimeUnit.SECONDS);
        assertThat(fixture.extensions().memory.bytes("r")[64]).isZero();
    }

    @Test
    void countsCopiesAsBytesInFlight() throws Exception {
        String body = body(INPUT, "");
        send("held", body);
        Question question = nextHeld();

        assertThat(fixture.admission().inFlightBytes()).isEqualTo(body.length() + 64);

        question.sender().send(FakeModel.echoOf(question.request(), 1), true);
    }
}
