package io.nereid.repository.store;

import java.time.Duration;

/**
 * How long a store may take.
 *
 * @param connect to accept a connection
 * @param read to send the next bytes
 */
public record StoreTimeouts(Duration connect, Duration read) {
    /** For stores at the other end of the internet. */
    public static final StoreTimeouts DEFAULT =
            new StoreTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30));
}
