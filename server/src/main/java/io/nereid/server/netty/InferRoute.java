package io.nereid.server.netty;

import io.nereid.backend.Model;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.http.DecodedRequest;
import io.nereid.protocol.http.EncodedResponse;
import io.nereid.protocol.http.HttpInferDecoder;
import io.nereid.protocol.http.HttpInferEncoder;
import io.nereid.server.AdmittedLease;
import io.nereid.server.InferenceServer;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The way of an infer request through an HTTP front end (HTTP protocol section 11.1): everything
 * that the head can tell is checked before the body is read. Used on event loops.
 */
public final class InferRoute {
    private final InferenceServer server;
    private final InferDialect dialect;
    private final long maxInputSize;
    private final HttpInferDecoder decoder;

    /**
     * @param maxInputSize {@code --http-max-input-size} in bytes
     */
    public InferRoute(InferenceServer server, InferDialect dialect, long maxInputSize) {
        this.server = server;
        this.dialect = dialect;
        this.maxInputSize = maxInputSize;
        this.decoder =
                new HttpInferDecoder(
                        server.allocator(),
                        maxInputSize,
                        new AdmittedSharedMemory(
                                server.extensions().sharedMemory(), server.admission()));
    }

    /**
     * Reads the body and asks the model.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException whatever the head alone makes impossible
     */
    public void handle(HttpHead head, HttpExchange exchange, String model, OptionalLong version) {
        Optional<RequestDeadline> deadline = RequestDeadline.of(head, System::nanoTime);
        AdmittedLease lease = server.lease(model, version);
        boolean receiving = false;
        try {
            Optional<ContentCoding> coding = coding(head, exchange, lease.model());
            if (coding.isPresent()) {
                exchange.asks(lease.model());
                JsonPart json = jsonPart(head, coding.get());
                receiving = true;
                receive(new Question(head, version, json, coding.get(), deadline), exchange, lease);
            }
        } finally {
            if (!receiving) {
                lease.close();
            }
        }
    }

    /** The body's coding; empty if it is one that has been refused. */
    private static Optional<ContentCoding> coding(
            HttpHead head, HttpExchange exchange, Model model) {
        if (model.config().decoupled()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "HTTP end point doesn't support models with decoupled transaction policy");
        }
        try {
            return Optional.of(ContentCoding.ofRequest(head));
        } catch (StatusException e) {
            exchange.reply(HttpReply.error(e).with("Accept-Encoding", ContentCoding.SUPPORTED));
            return Optional.empty();
        }
    }

    private JsonPart jsonPart(HttpHead head, ContentCoding coding) {
        if (coding != ContentCoding.IDENTITY) {
            return dialect.jsonPart(head);
        }
        head.contentLength().ifPresent(dialect::checkContentLength);
        JsonPart json = dialect.jsonPart(head);
        head.contentLength().ifPresent(json::lengthIn);
        return json;
    }

    /** What the head says of a request. */
    private record Question(
            HttpHead head,
            OptionalLong version,
            JsonPart json,
            ContentCoding coding,
            Optional<RequestDeadline> deadline) {}

    /** Of a compressed body only the size that it has when inflated counts. */
    private void receive(Question question, HttpExchange exchange, @Owned AdmittedLease lease) {
        boolean plain = question.coding() == ContentCoding.IDENTITY;
        exchange.receive(
                plain ? size -> checkSize(question.json(), size) : _ -> {},
                new LeasedBody<>(
                        lease,
                        body ->
                                decode(
                                        question,
                                        lease.model(),
                                        plain ? body : exchange.inflate(body, maxInputSize)),
                        (held, decoded) -> ask(question, exchange, held, decoded)));
    }

    private void checkSize(JsonPart json, long bodyLength) {
        switch (json) {
            case JsonPart.Whole _ -> decoder.checkJsonSize(bodyLength);
            case JsonPart.Announced announced -> {
                decoder.checkJsonSize(announced.length());
                if (announced.length() == 0 && bodyLength > maxInputSize) {
                    throw dialect.rawTooLarge(bodyLength, maxInputSize);
                }
            }
        }
    }

    private DecodedRequest decode(Question question, Model model, @Owned TensorBuffer body) {
        long jsonLength;
        try {
            jsonLength = question.json().lengthIn(body.byteSize());
        } catch (StatusException e) {
            body.close();
            throw e;
        }
        DecodedRequest decoded =
                decoder.decode(model.config(), question.version(), body, jsonLength);
        forwardHeaders(question.head(), decoded);
        return decoded;
    }

    private void ask(
            Question question,
            HttpExchange exchange,
            @Owned AdmittedLease lease,
            DecodedRequest decoded) {
        ContentCoding coding =
                dialect.compressesReplies()
                        ? ContentCoding.accepted(question.head())
                        : ContentCoding.IDENTITY;
        exchange.watch(decoded.request());
        exchange.onDisconnect(decoded.request()::cancel);
        question.deadline().ifPresent(deadline -> deadline.limit(exchange, decoded.request()));
        HttpInferEncoder encoder = new HttpInferEncoder(server.allocator(), lease.labels());
        server.infer(
                lease,
                decoded.request(),
                new SingleAnswer(
                        exchange,
                        decoded.outputs(),
                        (response, outputs) -> reply(encoder.encode(response, outputs), coding)));
    }

    private @Owned HttpReply reply(@Owned EncodedResponse encoded, ContentCoding coding) {
        Map<String, String> headers = dialect.replyHeaders(encoded);
        return coding == ContentCoding.IDENTITY
                ? HttpReply.encoded(headers, encoded, server.allocator().copies())
                : HttpReply.compressed(headers, encoded, coding);
    }

    private void forwardHeaders(HttpHead head, DecodedRequest decoded) {
        try {
            dialect.forwardHeaders(head, decoded.request());
        } catch (StatusException e) {
            decoded.request().close();
            decoded.outputs().close();
            throw e;
        }
    }
}
