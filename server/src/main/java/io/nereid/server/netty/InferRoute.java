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
import io.nereid.protocol.http.LabelLookup;
import io.nereid.server.InferenceServer;
import java.util.Map;
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
    private final HttpInferEncoder encoder;

    /**
     * @param maxInputSize {@code --http-max-input-size} in bytes
     * @param labels asked for labels of classification outputs
     */
    public InferRoute(
            InferenceServer server, InferDialect dialect, long maxInputSize, LabelLookup labels) {
        this.server = server;
        this.dialect = dialect;
        this.maxInputSize = maxInputSize;
        this.decoder =
                new HttpInferDecoder(
                        server.allocator(),
                        maxInputSize,
                        new AdmittedSharedMemory(
                                server.extensions().sharedMemory(), server.admission()));
        this.encoder = new HttpInferEncoder(server.allocator(), labels);
    }

    /**
     * Reads the body and asks the model.
     *
     * @param version version asked for; empty for the newest that is ready
     * @throws StatusException whatever the head alone makes impossible
     */
    public void handle(HttpHead head, HttpExchange exchange, String model, OptionalLong version) {
        if (server.model(model, version).config().decoupled()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "HTTP end point doesn't support models with decoupled transaction policy");
        }
        ContentCoding coding;
        try {
            coding = ContentCoding.ofRequest(head);
        } catch (StatusException e) {
            exchange.reply(HttpReply.error(e).with("Accept-Encoding", ContentCoding.SUPPORTED));
            return;
        }
        if (coding == ContentCoding.IDENTITY) {
            head.contentLength().ifPresent(dialect::checkContentLength);
            JsonPart json = dialect.jsonPart(head);
            head.contentLength().ifPresent(json::lengthIn);
            exchange.receive(
                    size -> checkSize(json, size),
                    body -> ask(head, exchange, model, version, json, body));
        } else {
            JsonPart json = dialect.jsonPart(head);
            exchange.receive(
                    _ -> {}, body -> askInflated(head, exchange, model, version, json, body));
        }
    }

    /** Of a compressed body only the size that it has when inflated counts. */
    private void askInflated(
            HttpHead head,
            HttpExchange exchange,
            String name,
            OptionalLong version,
            JsonPart json,
            @Owned TensorBuffer compressed) {
        TensorBuffer body = exchange.inflate(compressed, maxInputSize);
        ask(head, exchange, name, version, json, body);
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

    private void ask(
            HttpHead head,
            HttpExchange exchange,
            String name,
            OptionalLong version,
            JsonPart json,
            @Owned TensorBuffer body) {
        Model model;
        long jsonLength;
        try {
            jsonLength = json.lengthIn(body.byteSize());
            model = server.model(name, version);
        } catch (StatusException e) {
            body.close();
            throw e;
        }
        DecodedRequest decoded = decoder.decode(model.config(), version, body, jsonLength);
        forwardHeaders(head, decoded);
        ContentCoding coding =
                dialect.compressesReplies() ? ContentCoding.accepted(head) : ContentCoding.IDENTITY;
        exchange.onDisconnect(decoded.request()::cancel);
        server.infer(
                model,
                decoded.request(),
                new SingleAnswer(
                        exchange,
                        decoded.outputs(),
                        (response, outputs) -> reply(encoder.encode(response, outputs), coding)));
    }

    private @Owned HttpReply reply(@Owned EncodedResponse encoded, ContentCoding coding) {
        Map<String, String> headers = dialect.replyHeaders(encoded);
        return coding == ContentCoding.IDENTITY
                ? HttpReply.encoded(headers, encoded)
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
