package io.nereid.server.netty;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections of a listener. May be used from any thread. */
final class Connections {
    private final Set<OpenConnection> open = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> allClosed = new CompletableFuture<>();
    private final Duration lastCall;
    private volatile boolean leaving;
    private volatile boolean stopping;

    /**
     * @param lastCall how long those on which nothing runs stay open when the server stops
     */
    Connections(Duration lastCall) {
        this.lastCall = lastCall;
    }

    Duration lastCall() {
        return lastCall;
    }

    void add(OpenConnection connection) {
        open.add(connection);
        if (stopping) {
            connection.stopWhenIdle();
        }
    }

    void remove(OpenConnection connection) {
        open.remove(connection);
        completeIfDone();
    }

    int count() {
        return open.size();
    }

    /** From now on answers tell clients to ask elsewhere. */
    void leave() {
        leaving = true;
    }

    /** Whether an answer is to be the last one of its connection. */
    boolean isLeaving() {
        return leaving;
    }

    /** Ends each connection when nothing runs on it; the result completes when none is left. */
    CompletableFuture<Void> stop() {
        leaving = true;
        stopping = true;
        open.forEach(OpenConnection::stopWhenIdle);
        completeIfDone();
        return allClosed;
    }

    void closeAll() {
        open.forEach(OpenConnection::close);
    }

    private void completeIfDone() {
        if (stopping && open.isEmpty()) {
            allClosed.complete(null);
        }
    }
}
