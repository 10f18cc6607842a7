package io.nereid.server.netty;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections of a listener. May be used from any thread. */
final class Connections {
    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> allClosed = new CompletableFuture<>();
    private volatile boolean stopping;

    void add(HttpConnection connection) {
        open.add(connection);
        if (stopping) {
            connection.stopWhenIdle();
        }
    }

    void remove(HttpConnection connection) {
        open.remove(connection);
        completeIfDone();
    }

    int count() {
        return open.size();
    }

    /** Ends each connection when nothing runs on it; the result completes when none is left. */
    CompletableFuture<Void> stop() {
        stopping = true;
        open.forEach(HttpConnection::stopWhenIdle);
        completeIfDone();
        return allClosed;
    }

    void closeAll() {
        open.forEach(HttpConnection::close);
    }

    private void completeIfDone() {
        if (stopping && open.isEmpty()) {
            allClosed.complete(null);
        }
    }
}
