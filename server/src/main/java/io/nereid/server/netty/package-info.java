/**
 * The HTTP machinery that HTTP front ends share: a listener with its connections, plain or TLS,
 * HTTP/1.1 or HTTP/2; bodies read into one native block, answers written from tensor memory, and
 * the way of an infer request through them. Front ends add routes and nothing else.
 *
 * <p>Start with {@link io.nereid.server.netty.HttpListener}, {@link
 * io.nereid.server.netty.HttpRoutes} and {@link io.nereid.server.netty.HttpExchange}. Depends on
 * Netty, on the words of {@code io.nereid.protocol} and on {@code io.nereid.server}; no front end
 * may be named here.
 */
@NullMarked
package io.nereid.server.netty;

import org.jspecify.annotations.NullMarked;
