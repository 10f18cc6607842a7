package io.nereid.server.main;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Serves the bundled examples and sends a picture of a handwritten digit through the ensemble, once
 * as JSON and once as binary+json, as any KServe v2 client would.
 */
@Command(
        name = "demo",
        description =
                "Serves the bundled examples, sends one real request, and goes on serving until"
                        + " interrupted.",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class DemoCommand {
    private static final String LENGTH_HEADER = "Inference-Header-Content-Length";

    @Option(
            names = "--http-port",
            converter = OptionValues.Int.class,
            description = "Port for HTTP; default 8000.")
    private int httpPort = 8000;

    @Option(
            names = "--grpc-port",
            converter = OptionValues.Int.class,
            description = "Port for gRPC; default 8001.")
    private int grpcPort = 8001;

    @Option(
            names = "--metrics-port",
            converter = OptionValues.Int.class,
            description = "Port for metrics; default 8002.")
    private int metricsPort = 8002;

    /** Arguments of the server that the demo talks to. */
    List<String> serverArguments(Path home) {
        return List.of(
                "--model-repository=" + home.resolve("examples/repository"),
                "--http-port=" + httpPort,
                "--grpc-port=" + grpcPort,
                "--metrics-port=" + metricsPort,
                "--log-info=false");
    }

    /** Sends the picture by both encodings and prints what the ensemble makes of it. */
    static void sendPicture(Path home, int port, PrintWriter out)
            throws IOException, InterruptedException {
        Path picture = home.resolve("examples/images/digit_7_0.png");
        byte[] bytes = Files.readAllBytes(picture);
        URI uri = URI.create("http://localhost:" + port + "/v2/models/digits/infer");
        out.printf("%nPOST %s with %s (%d bytes)%n%n", uri, picture.getFileName(), bytes.length);
        try (HttpClient client = HttpClient.newHttpClient()) {
            out.println("  JSON         " + verdict(asJson(client, uri, bytes)));
            out.println("  binary+json  " + verdict(asBinary(client, uri, bytes)));
        }
        out.printf("%nServing on http://localhost:%d until interrupted (Ctrl+C).%n", port);
        out.flush();
    }

    private static double[] asJson(HttpClient client, URI uri, byte[] picture)
            throws IOException, InterruptedException {
        String data =
                IntStream.range(0, picture.length)
                        .mapToObj(i -> String.valueOf(Byte.toUnsignedInt(picture[i])))
                        .collect(Collectors.joining(","));
        String body =
                "{\"inputs\":[{\"name\":\"IMAGE\",\"datatype\":\"UINT8\",\"shape\":[1,"
                        + picture.length
                        + "],\"data\":["
                        + data
                        + "]}]}";
        HttpResponse<byte[]> response =
                send(
                        client,
                        HttpRequest.newBuilder(uri)
                                .POST(HttpRequest.BodyPublishers.ofString(body)));
        return dataOf(response.body());
    }

    private static double[] asBinary(HttpClient client, URI uri, byte[] picture)
            throws IOException, InterruptedException {
        byte[] json =
                ("{\"inputs\":[{\"name\":\"IMAGE\",\"datatype\":\"UINT8\",\"shape\":[1,"
                                + picture.length
                                + "],\"parameters\":{\"binary_data_size\":"
                                + picture.length
                                + "}}],\"parameters\":{\"binary_data_output\":true}}")
                        .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json);
        body.writeBytes(picture);
        HttpResponse<byte[]> response =
                send(
                        client,
                        HttpRequest.newBuilder(uri)
                                .header(LENGTH_HEADER, String.valueOf(json.length))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
        int jsonLength =
                response.headers()
                        .firstValue(LENGTH_HEADER)
                        .map(Integer::parseInt)
                        .orElseThrow(() -> new IOException("answer without " + LENGTH_HEADER));
        ByteBuffer floats =
                ByteBuffer.wrap(response.body(), jsonLength, response.body().length - jsonLength)
                        .order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[floats.remaining() / Float.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats.getFloat();
        }
        return values;
    }

    private static HttpResponse<byte[]> send(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(
                    "status "
                            + response.statusCode()
                            + ": "
                            + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }

    /** The numbers of the first member {@code data}. */
    private static double[] dataOf(byte[] json) throws IOException {
        List<Double> values = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.currentName().equals("data")) {
                    parser.nextToken();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        values.add(parser.getDoubleValue());
                    }
                }
            }
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static String verdict(double[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return String.format(Locale.ROOT, "digit %d, probability %.6f", best, probabilities[best]);
    }
}
