package io.nereid.server.netty;

import io.nereid.protocol.StatusException;

/** What a front end does with requests. */
@FunctionalInterface
public interface HttpRoutes {
    /**
     * Decides from the head alone: answers at once with {@link HttpExchange#reply}, or asks for the
     * body with {@link HttpExchange#receive} and answers later. Called on: event loop; must not
     * block.
     *
     * @throws StatusException becomes the answer; the body is not kept
     */
    void handle(HttpHead head, HttpExchange exchange);
}
