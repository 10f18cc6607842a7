package io.nereid.load.measure;

/** Is told how a measurement goes on. Called on: the main thread. */
public interface Watcher {
    /**
     * Some time has gone by.
     *
     * @param window number of the window, from 1
     * @param nanos time since its beginning
     * @param answers requests that have ended in it
     */
    void progress(Load load, int window, long nanos, long answers);

    /** A window is over. */
    void measured(Load load, int number, Window window);

    /** A load is done with. */
    void finished(LevelResult result);
}
