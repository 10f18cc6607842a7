package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed infer bodies in both directions (HTTP protocol section 14). */
final class CompressionTest {
    private static final long LIMIT = 4096;
    private static final String PATH = "/v2/models/echo/infer";
    private static final String REQUEST =
            "{\"id\":\"a\",\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                    + "\"data\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}]}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private HttpFrontend frontend;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 1));
        fixture.server().initialized();
        frontend =
                fixture.closeLater(
                        HttpFrontend.start(
                                fixture.server(),
                                TestOptions.http(false, LIMIT),
                                fixture.transport()));
    }

    private RawClient.Reply post(String path, byte[] body, String... headers) throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + body.length;
        try (RawClient client = fixture.client(frontend.port())) {
            return client.request("POST " + path + " HTTP/1.1", all).send(body).read();
        }
    }

    private RawClient.Reply infer(byte[] body, String... headers) throws IOException {
        return post(PATH, body, headers);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compressed(String coding, byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                coding.equals("gzip")
                        ? new GZIPOutputStream(bytes)
                        : new DeflaterOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static String inflated(RawClient.Reply reply) throws IOException {
        InputStream body =
                new ByteArrayInputStream(reply.body().getBytes(StandardCharsets.ISO_8859_1));
        try (InputStream in =
                reply.header("Content-Encoding").equals("gzip")
                        ? new GZIPInputStream(body)
                        : new InflaterInputStream(body)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void assertError(RawClient.Reply reply, int status, String text) {
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(reply.status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"gzip,gzip", "deflate,deflate", "deflate,gzip", "gzip,deflate"})
    void takesEitherFormatUnderEitherName(String format, String name) throws IOException {
        RawClient.Reply plain = infer(bytes(REQUEST));
        RawClient.Reply reply =
                infer(compressed(format, bytes(REQUEST)), "Content-Encoding: " + name);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(plain.body());
    }

    @Test
    void theHeaderLengthCountsInflatedBytes() throws IOException {
        String json =
                "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                        + "\"parameters\":{\"binary_data_size\":64}}]}";
        byte[] body = Arrays.copyOf(bytes(json), json.length() + 64);
        body[json.length()] = 7;
        RawClient.Reply reply =
                infer(
                        compressed("gzip", body),
                        "Content-Encoding: gzip",
                        "Inference-Header-Content-Length: " + json.length());

        assertThat(reply.body()).contains("\"data\":[7,0,0,");
        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | gzip",
                "deflate | deflate",
                "gzip, deflate | gzip",
                "deflate, gzip | deflate",
                "gzip;q=0.5, deflate;q=0.8 | deflate",
                "br;q=1.0, gzip;q=0.5 | gzip",
                "identity;q=0.5, gzip;q=0.4 | ''",
                "gzip;q=0 | ''",
                "gzip ;q=1 | ''",
                "GZIP | ''",
                "gzip;q=x | ''",
                "br | ''",
                "* | ''"
            })
    void choosesTheCodingThatTheClientLikesBest(String accepted, String coding) throws IOException {
        RawClient.Reply plain = infer(bytes(REQUEST));
        RawClient.Reply reply = infer(bytes(REQUEST), "Accept-Encoding: " + accepted);

        assertThat(reply.headers().getOrDefault("content-encoding", "")).isEqualTo(coding);
        assertThat(coding.isEmpty() ? reply.body() : inflated(reply)).isEqualTo(plain.body());
    }

    @Test
    void compressesJsonAndBinaryPartTogether() throws IOException {
        String request =
                REQUEST.substring(0, REQUEST.length() - 1)
                        + ",\"parameters\":"
                        + "{\"binary_data_output\":true}}";
        RawClient.Reply plain = infer(bytes(request));
        RawClient.Reply reply = infer(bytes(request), "Accept-Encoding: gzip");

        assertThat(inflated(reply)).isEqualTo(plain.body());
        assertThat(reply.header("Inference-Header-Content-Length"))
                .isEqualTo(plain.header("Inference-Header-Content-Length"));
    }

    @Test
    void neverCompressesErrorsOrOtherAnswers() throws IOException {
        RawClient.Reply error = infer(bytes("{"), "Accept-Encoding: gzip");
        assertThat(error.status()).isEqualTo(400);
        assertThat(error.headers()).doesNotContainKey("content-encoding");
        try (RawClient client = fixture.client(frontend.port())) {
            RawClient.Reply metadata =
                    client.request("GET /v2 HTTP/1.1", "Accept-Encoding: gzip").read();
            assertThat(metadata.headers()).doesNotContainKey("content-encoding");
            assertThat(metadata.body()).startsWith("{\"name\"");
        }
    }

    @Test
    void namesTheCodingsThatItKnows() throws IOException {
        RawClient.Reply reply = infer(bytes("x"), "Content-Encoding: br");

        assertError(reply, 501, "Unsupported compression type");
        assertThat(reply.header("Accept-Encoding")).isEqualTo("gzip, deflate");
    }

    @Test
    void refusesAnEmptyCompressedBody() throws IOException {
        assertError(
                infer(new byte[0], "Content-Encoding: gzip"), 400, "nothing to be decompressed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 12, 40})
    void refusesWhatDoesNotInflate(int intact) throws IOException {
        byte[] body = compressed("gzip", bytes(REQUEST));
        Arrays.fill(body, intact, body.length, (byte) 0x5a);
        RawClient.Reply reply = infer(body, "Content-Encoding: gzip");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("request body is neither gzip nor deflate (zlib) data");
    }

    @Test
    void refusesATruncatedBody() throws IOException {
        byte[] body = compressed("deflate", bytes(REQUEST));
        RawClient.Reply reply =
                infer(Arrays.copyOf(body, body.length - 9), "Content-Encoding: deflate");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("broken after");
    }

    @Test
    void stopsInflatingAtTheLimit() throws IOException {
        byte[] bomb = compressed("gzip", new byte[8 << 20]);

        assertError(
                infer(bomb, "Content-Encoding: gzip"),
                400,
                "Decompressed data size exceeds the maximum allowed value of 4096 bytes. Use"
                        + " --http-max-input-size to increase the limit.");
        assertThat(fixture.allocator().openBlocks()).as("blocks held").isZero();
    }
}
