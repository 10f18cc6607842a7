package io.nereid.benchmarks;

import io.nereid.benchmarks.load.Load;
import io.nereid.benchmarks.load.LoadGenerators;
import io.nereid.benchmarks.load.NereidProcess;
import io.nereid.benchmarks.models.InferBody;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Nereid's server; every answer that the load generator takes for one must have been counted. */
final class NereidSubject implements Subject {
    private final NereidProcess server;
    private final LoadGenerators load;

    NereidSubject(NereidProcess server, LoadGenerators load) {
        this.server = server;
        this.load = load;
    }

    @Override
    public Cell measure(Row row, int seconds) throws IOException {
        Requests request = row.request();
        long counted = server.successes(request.model());
        long cpu = server.process().cpuMicros();
        Load seen =
                request.form() == Requests.Form.GRPC
                        ? load.grpc(server.grpcPort(), request, row.clients(), seconds)
                        : load.http(
                                server.httpPort(), path(request), request, row.clients(), seconds);
        cpu = server.process().cpuMicros() - cpu;
        counted = server.successes(request.model()) - counted;
        if (counted < seen.checked(row.name()).requests()) {
            throw new IllegalStateException(
                    row.name() + ": " + counted + " requests succeeded of " + seen);
        }
        return Cell.of(seen, cpu);
    }

    /** Bytes in the answer to a request over HTTP. */
    int answerSize(Requests request) throws IOException {
        InferBody body = request.body();
        HttpResponse<byte[]> answer =
                server.post(
                        path(request),
                        body.bytes().toByteArray(),
                        body.jsonLength() == 0
                                ? Map.of()
                                : Map.of(
                                        "Inference-Header-Content-Length",
                                        Integer.toString(body.jsonLength())));
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(
                    request + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return answer.body().length;
    }

    static String path(Requests request) {
        return "/v2/models/" + request.model() + "/infer";
    }

    @Override
    public void close() {
        server.close();
    }
}
