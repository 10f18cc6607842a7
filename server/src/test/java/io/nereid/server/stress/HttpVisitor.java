package io.nereid.server.stress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Asks over HTTP, as JSON and binary, for numbers that must come back as they are; sometimes leaves
 * before it has its answer.
 */
final class HttpVisitor implements Visitor {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What a model with small queues and short times may say. */
    private static final Set<String> REFUSALS =
            Set.of("Exceeds maximum queue size", "Request timeout expired");

    private final HttpClient patient;
    private final HttpClient leaving;
    private final URI server;
    private final List<StressModels.Echo> models;
    private final Tally tally;

    /**
     * @param patient the client that waits for all answers
     * @param leaving the client that does not: it may close connections that others of its requests
     *     have begun to use
     */
    HttpVisitor(
            HttpClient patient,
            HttpClient leaving,
            URI server,
            List<StressModels.Echo> models,
            Tally tally) {
        this.patient = patient;
        this.leaving = leaving;
        this.server = server;
        this.models = models;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) throws Exception {
        StressModels.Echo model = models.get(random.nextInt(models.size()));
        int[] values = model.numbers(random);
        boolean binary = random.nextBoolean();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve("/v2/models/" + model.name() + "/infer"));
        boolean hurried = random.nextInt(8) == 0;
        if (hurried) {
            request.header("X-Request-Timeout-Ms", String.valueOf(1 + random.nextInt(20)));
        }
        if (binary) {
            Numbers.Binary body = Numbers.binary(model.input(), model.output(), values);
            request.header("Inference-Header-Content-Length", String.valueOf(body.jsonLength()))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body.body()));
        } else {
            request.POST(HttpRequest.BodyPublishers.ofString(Numbers.json(model.input(), values)));
        }
        String kind = "http " + model.name();
        boolean leaves = random.nextInt(8) == 0;
        CompletableFuture<HttpResponse<byte[]>> answer =
                (leaves ? leaving : patient)
                        .sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        try {
            if (leaves) {
                leave(answer, random.nextInt(3000));
            }
            HttpResponse<byte[]> response = answer.get(30, TimeUnit.SECONDS);
            if (hurried && response.statusCode() == 504) {
                tally.count(kind, "too late");
            } else {
                check(kind, model, response, binary, values);
            }
        } catch (CancellationException e) {
            tally.count(kind, "left");
        } catch (TimeoutException e) {
            tally.violation(kind, "no answer in 30 seconds");
        } catch (ExecutionException e) {
            if (leaves) {
                tally.count(kind, "left");
            } else {
                tally.violation(kind, "failed: " + e.getCause());
            }
        }
    }

    private static void leave(CompletableFuture<HttpResponse<byte[]>> answer, int micros)
            throws ExecutionException, InterruptedException {
        try {
            answer.get(micros, TimeUnit.MICROSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
        }
    }

    private void check(
            String kind,
            StressModels.Echo model,
            HttpResponse<byte[]> response,
            boolean binary,
            int[] values)
            throws Exception {
        if (response.statusCode() == 200) {
            List<Integer> found = binary ? binaryData(response) : jsonData(response.body());
            if (found.equals(Numbers.list(values))) {
                tally.count(kind, "answered");
            } else {
                tally.violation(kind, "asked with " + Numbers.list(values) + ", got " + found);
            }
            return;
        }
        String error = MAPPER.readTree(response.body()).path("error").asText();
        if (model.refuses()
                && response.statusCode() == 503
                && REFUSALS.stream().anyMatch(error::endsWith)) {
            tally.count(kind, "refused");
        } else {
            tally.violation(kind, response.statusCode() + " " + error);
        }
    }

    private static List<Integer> binaryData(HttpResponse<byte[]> response) {
        int json =
                Integer.parseInt(
                        response.headers()
                                .firstValue("Inference-Header-Content-Length")
                                .orElseThrow());
        return Numbers.list(response.body(), json);
    }

    private static List<Integer> jsonData(byte[] body) throws Exception {
        List<Integer> values = new ArrayList<>();
        for (JsonNode value : MAPPER.readTree(body).at("/outputs/0/data")) {
            values.add(value.intValue());
        }
        return values;
    }
}
