package io.nereid.load.client;

/** Opens lanes to one server for one set of requests. May be used from any thread. */
public interface Transport extends AutoCloseable {
    /** Is told once what became of opening a lane. Called on the lane's loop. */
    interface Opening {
        /** The lane can be used. */
        void opened(Lane lane);

        /** There is none. */
        void refused(String reason);
    }

    /** Connects a lane whose calls and answers happen on that loop. */
    void openLane(Loop loop, Opening opening);

    /** After all lanes have been closed. */
    @Override
    void close();
}
