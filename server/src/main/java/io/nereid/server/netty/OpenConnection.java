package io.nereid.server.netty;

/** A client's connection as its listener sees it. Methods may be called from any thread. */
interface OpenConnection {
    /** Takes no further request and ends when those that run have been answered. */
    void stopWhenIdle();

    /** Ends now; running requests are cancelled. */
    void close();
}
