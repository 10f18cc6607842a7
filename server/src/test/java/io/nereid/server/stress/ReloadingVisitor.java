package io.nereid.server.stress;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** Loads models again that are in service; their clients must not notice. */
final class ReloadingVisitor implements Visitor {
    private final HttpClient http;
    private final URI server;
    private final List<String> models;
    private final Tally tally;

    ReloadingVisitor(HttpClient http, URI server, List<String> models, Tally tally) {
        this.http = http;
        this.server = server;
        this.models = models;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) throws Exception {
        String model = models.get(random.nextInt(models.size()));
        HttpResponse<byte[]> response =
                http.send(
                        HttpRequest.newBuilder(
                                        server.resolve("/v2/repository/models/" + model + "/load"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() == 200) {
            tally.count("load", model);
        } else {
            tally.violation("load " + model, new String(response.body(), StandardCharsets.UTF_8));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
    }
}
