/**
 * The front end of a Vertex AI prediction container: a health route, and a predict route that asks
 * the default model or, by header, any path of the HTTP/REST protocol.
 *
 * <p>Start with {@link io.nereid.server.vertex.VertexFrontend}. Depends on {@code
 * io.nereid.server.netty}; knows no other front end, but is given the routes of the protocol.
 */
@NullMarked
package io.nereid.server.vertex;

import org.jspecify.annotations.NullMarked;
