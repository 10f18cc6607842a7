package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An ordinary HTTP client of one port. */
final class TestClient implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    TestClient(int port) {
        this.port = port;
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    CompletableFuture<HttpResponse<byte[]>> postAsync(String path, byte[] body) {
        return client.sendAsync(
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    HttpResponse<byte[]> delete(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).DELETE().build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Posts a body of one blank in each chunk. */
    HttpResponse<byte[]> postInChunks(String path, int chunks)
            throws IOException, InterruptedException {
        byte[] blank = {' '};
        HttpRequest request =
                HttpRequest.newBuilder(uri(path))
                        .POST(
                                HttpRequest.BodyPublishers.ofByteArrays(
                                        Collections.nCopies(chunks, blank)))
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Posts and expects success. */
    HttpResponse<byte[]> infer(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response = post(path, body, headers);
        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        return response;
    }

    static String text(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        return text.length() > 1000 ? text.substring(0, 1000) : text;
    }

    /** The error text of a failed request. */
    static String error(HttpResponse<byte[]> response) throws IOException {
        return new ObjectMapper().readTree(response.body()).path("error").asText();
    }

    /** The data of the only output, sent as JSON. */
    static float[] jsonOutput(HttpResponse<byte[]> response) throws IOException {
        JsonNode outputs = new ObjectMapper().readTree(response.body()).get("outputs");
        assertThat(outputs).hasSize(1);
        JsonNode data = outputs.get(0).get("data");
        float[] values = new float[data.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.get(i).floatValue();
        }
        return values;
    }

    /** Little-endian FP32 values from {@code offset} on. */
    static float[] floats(byte[] body, int offset) {
        float[] values = new float[(body.length - offset) / Float.BYTES];
        ByteBuffer.wrap(body, offset, body.length - offset)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** A JSON request with one FP32 input. */
    static String fp32Request(String input, int[] shape, float[] values) {
        return "{\"inputs\":[{\"name\":\""
                + input
                + "\",\"datatype\":\"FP32\",\"shape\":"
                + Arrays.toString(shape)
                + ",\"data\":"
                + IntStream.range(0, values.length)
                        .mapToObj(i -> String.valueOf(values[i]))
                        .collect(Collectors.joining(",", "[", "]"))
                + "}]}";
    }

    @Override
    public void close() {
        client.close();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
