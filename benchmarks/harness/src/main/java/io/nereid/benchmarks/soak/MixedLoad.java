package io.nereid.benchmarks.soak;

import io.nereid.benchmarks.load.LoadGenerators;
import io.nereid.benchmarks.load.NereidProcess;
import io.nereid.benchmarks.models.InferBody;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a server is asked during the long run. Each method is called on a thread of its own. */
final class MixedLoad {
    /** Models that stay. */
    static final List<String> RESIDENT =
            List.of("add_sub", "add_sub_batched", "identity", "identity_uint8");

    private static final List<Requests> HTTP =
            List.of(
                    Requests.ADD_SUB_BINARY,
                    Requests.ADD_SUB_JSON,
                    Requests.BATCHED_BINARY,
                    Requests.IDENTITY_602K_BINARY,
                    Requests.UINT8_LIST_BOTH,
                    Requests.IDENTITY_16M_BINARY);
    private static final List<Requests> LEFT_ALONE = HTTP.subList(0, HTTP.size() - 1);
    private static final List<Requests> GRPC =
            List.of(Requests.ADD_SUB_GRPC, Requests.BATCHED_GRPC, Requests.IDENTITY_16M_GRPC);

    /** Models that come and go, with a request for each. */
    private static final List<Requests> GUESTS =
            List.of(Requests.MOBILENET_BINARY, Requests.IMAGE_BINARY, Requests.ENSEMBLE_BINARY);

    private static final int CLIENTS = 16;
    private static final int SECONDS = 3;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    private final NereidProcess server;
    private final LoadGenerators load;

    MixedLoad(NereidProcess server, LoadGenerators load) {
        this.server = server;
        this.load = load;
    }

    long http(long turn) {
        Requests request = next(HTTP, turn);
        String path = "/v2/models/" + request.model() + "/infer";
        return load.http(server.httpPort(), path, request, CLIENTS, SECONDS)
                .unfailed(request.toString())
                .requests();
    }

    long grpc(long turn) {
        Requests request = next(GRPC, turn);
        return load.grpc(server.grpcPort(), request, CLIENTS, SECONDS)
                .unfailed(request.toString())
                .requests();
    }

    /** Loads a model, asks it, and unloads it. */
    long guest(long turn) throws IOException {
        Requests request = next(GUESTS, turn);
        String repository = "/v2/repository/models/" + request.model();
        expectOk(server.post(repository + "/load", new byte[0], Map.of()));
        InferBody body = request.body();
        expectOk(
                server.post(
                        "/v2/models/" + request.model() + "/infer",
                        body.bytes().toByteArray(),
                        Map.of(
                                "Inference-Header-Content-Length",
                                Integer.toString(body.jsonLength()))));
        expectOk(
                server.post(
                        repository + "/unload",
                        "{\"parameters\":{\"unload_dependents\":true}}"
                                .getBytes(StandardCharsets.UTF_8),
                        Map.of()));
        return 1;
    }

    /** Leaves in the middle of a request, or before its answer. */
    long leaver(long turn) throws IOException {
        Requests request = next(LEFT_ALONE, turn);
        byte[] body = request.body().bytes().toByteArray();
        String head =
                "POST /v2/models/%s/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                        .formatted(request.model(), body.length);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.UTF_8));
            out.write(Arrays.copyOf(body, turn % 2 == 0 ? body.length : body.length / 2));
            out.flush();
        } catch (IOException e) {
            if (!server.process().isAlive()) {
                throw e;
            }
            // It may leave first: a body whose JSON cannot be read need not be waited for.
        }
        LockSupport.parkNanos(PAUSE);
        return 1;
    }

    private static void expectOk(HttpResponse<byte[]> answer) {
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(
                    answer.uri() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
    }

    private static Requests next(List<Requests> all, long turn) {
        return all.get((int) (turn % all.size()));
    }
}
