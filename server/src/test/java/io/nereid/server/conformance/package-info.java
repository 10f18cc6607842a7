/**
 * Exchanges recorded from the reference server, replayed against the real server. The recordings
 * and the repository that they were made on are in the test resources.
 */
@NullMarked
package io.nereid.server.conformance;

import org.jspecify.annotations.NullMarked;
