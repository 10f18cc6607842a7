package io.nereid.server.http;

import io.nereid.server.InferenceServer;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.security.ApiCategory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the server as SIGTERM does, however often it is asked. Whoever can stop a server has to
 * know the secret of the category {@code admin}; if there is none, only processes of this machine
 * may, and no browser or proxy on their behalf. Used on event loops.
 */
final class DrainEndpoint {
    private static final Logger log = LoggerFactory.getLogger(DrainEndpoint.class);

    /** Headers of requests that somebody else is behind. */
    private static final List<String> ON_BEHALF =
            List.of("Origin", "Forwarded", "X-Forwarded-For", "Via");

    private final InferenceServer server;
    private final ApiGate gate;

    DrainEndpoint(InferenceServer server, ApiGate gate) {
        this.server = server;
        this.gate = gate;
    }

    /** A request that the gate has admitted. */
    void handle(HttpHead head, HttpExchange exchange) {
        if (!gate.restricts(ApiCategory.ADMIN) && !isOfThisMachine(head, exchange)) {
            exchange.reply(
                    HttpReply.error(
                            403,
                            "Only processes of the server's machine may stop it. Start it with"
                                    + " --http-restricted-api=admin:<key>=<value> to let others do so"
                                    + " that send this header."));
            return;
        }
        if (!server.isStopping()) {
            log.info("a client asks the server to drain");
        }
        server.askToStop();
        exchange.reply(HttpReply.json(state()));
    }

    private static boolean isOfThisMachine(HttpHead head, HttpExchange exchange) {
        return exchange.isFromThisMachine()
                && ON_BEHALF.stream().allMatch(name -> head.header(name).isEmpty());
    }

    private byte[] state() {
        String json = "{\"state\":\"draining\",\"inflight_requests\":" + server.inFlight() + "}";
        return json.getBytes(StandardCharsets.US_ASCII);
    }
}
