package io.nereid.load.client;

/** Is told once how a request ended. Called on the lane's loop. */
public interface ReplyListener {
    /**
     * The answer is there.
     *
     * @param sentNanos when the request had been handed to the socket
     * @param firstNanos when the first of the answer came
     * @param endNanos when all of it was there
     * @param responses that it was made of
     */
    void succeeded(long sentNanos, long firstNanos, long endNanos, int responses);

    /**
     * There is no useful answer.
     *
     * @param reason the server's words, or what broke
     * @param answered whether the server has said so; if not, the connection is to blame
     */
    void failed(String reason, boolean answered);
}
