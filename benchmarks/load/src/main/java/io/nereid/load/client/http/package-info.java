/**
 * The load over HTTP/1.1: a connection for each lane, requests that are encoded once, answers of
 * which only the length is read. The protocol is KServe v2 with Triton's binary extension.
 */
@NullMarked
package io.nereid.load.client.http;

import org.jspecify.annotations.NullMarked;
