package io.nereid.server.netty;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.GenerateDecoder;
import io.nereid.protocol.http.GenerateEncoder;
import io.nereid.server.AdmittedLease;
import io.nereid.server.InferenceServer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The way of a generate request through an HTTP front end (HTTP protocol section 16). What is wrong
 * with the request is told as a plain JSON error, what becomes of it in the form that was asked
 * for. Used on event loops.
 */
public final class GenerateRoute {
    /** The forms of answers. */
    public enum Kind {
        /** The only response as a JSON object: {@code generate}. */
        OBJECT("application/json"),
        /** Each response as an event when it comes: {@code generate_stream}. */
        EVENTS("text/event-stream; charset=utf-8");

        private final String contentType;

        Kind(String contentType) {
            this.contentType = contentType;
        }
    }

    private final InferenceServer server;
    private final GenerateDecoder decoder;
    private final GenerateEncoder encoder;
    private final LoadReport.CacheBlocks cache;

    /**
     * @param maxInputSize {@code --http-max-input-size} in bytes
     * @param cache asked for the load that clients want to know of
     */
    public GenerateRoute(InferenceServer server, long maxInputSize, LoadReport.CacheBlocks cache) {
        this.server = server;
        this.decoder = new GenerateDecoder(server.allocator(), maxInputSize);
        this.encoder = new GenerateEncoder(server.allocator());
        this.cache = cache;
    }

    /**
     * Reads the body and asks the model.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException whatever the head alone makes impossible
     */
    public void handle(
            HttpHead head, HttpExchange exchange, String model, OptionalLong version, Kind kind) {
        Optional<RequestDeadline> deadline = RequestDeadline.of(head, System::nanoTime);
        AdmittedLease lease = server.lease(model, version);
        boolean receiving = false;
        try {
            String coding = head.header("Content-Encoding").orElse("");
            if (!coding.isEmpty() && !coding.equals("identity")) {
                throw StatusException.invalidArgument(
                        "Unsupported content-encoding, only 'identity' is supported.");
            }
            exchange.asks(lease.model());
            receiving = true;
        } finally {
            if (!receiving) {
                lease.close();
            }
        }
        exchange.receive(
                decoder::checkSize,
                new LeasedBody<>(
                        lease,
                        body -> decoder.decode(lease.model().config(), version, body),
                        (held, request) -> {
                            deadline.ifPresent(limit -> limit.limit(exchange, request));
                            ask(head, exchange, held, request, kind);
                        }));
    }

    private void ask(
            HttpHead head,
            HttpExchange exchange,
            @Owned AdmittedLease lease,
            @Owned InferenceRequest request,
            Kind kind) {
        exchange.watch(request);
        exchange.onDisconnect(request::cancel);
        Supplier<Map<String, String>> headers = () -> headers(head, kind);
        ResponseSender answer =
                switch (kind) {
                    case OBJECT -> new GeneratedObject(exchange.stream(), encoder, headers);
                    case EVENTS -> new GeneratedEvents(exchange.stream(), encoder, headers);
                };
        DoorRefusals door = new DoorRefusals(exchange, answer);
        server.infer(lease, request, door);
        door.passed();
    }

    private Map<String, String> headers(HttpHead head, Kind kind) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", kind.contentType);
        head.header(LoadReport.FORMAT_HEADER)
                .flatMap(format -> LoadReport.of(format, cache))
                .ifPresent(report -> headers.put(LoadReport.HEADER, report));
        return headers;
    }
}
