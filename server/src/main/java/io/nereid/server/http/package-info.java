/**
 * The front end of the HTTP/REST protocol: routes of the {@code /v2} paths and what they answer.
 *
 * <p>Start with {@link io.nereid.server.http.HttpFrontend}. Depends on {@code
 * io.nereid.server.netty} for connections and bodies and on {@code io.nereid.protocol.http} for the
 * codec; knows no other front end.
 */
@NullMarked
package io.nereid.server.http;

import org.jspecify.annotations.NullMarked;
