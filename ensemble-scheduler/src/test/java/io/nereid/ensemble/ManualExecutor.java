package io.nereid.ensemble;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Keeps tasks until the test runs them. */
final class ManualExecutor implements Executor {
    private final List<Runnable> tasks = new ArrayList<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Tasks that wait. */
    int size() {
        return tasks.size();
    }

    /** Runs the task at that place, 0 being the oldest. */
    void run(int index) {
        tasks.remove(index).run();
    }
}
