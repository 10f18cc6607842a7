package io.nereid.load;

/** Runs a task if the process is ended, by a signal for instance, before this is closed. */
final class AtExit implements AutoCloseable {
    private final Thread task;

    AtExit(String name, Runnable task) {
        this.task = new Thread(task, name);
        Runtime.getRuntime().addShutdownHook(this.task);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(task);
        } catch (IllegalStateException underWay) {
            // The process is ending: the task runs already, and nothing is left to be done here.
            assert task.getState() != Thread.State.NEW : underWay;
        }
    }
}
