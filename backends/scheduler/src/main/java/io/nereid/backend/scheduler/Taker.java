package io.nereid.backend.scheduler;

import io.nereid.protocol.Owned;

/**
 * An instance that asks for work. While its thread waits, and only then, another thread may execute
 * for it what is quick, holding the source's lock for the questions but not for the execution.
 */
interface Taker {
    /** Whose work nobody else may do. */
    Taker ALONE =
            new Taker() {
                @Override
                public boolean isRetired() {
                    return false;
                }

                @Override
                public boolean isQuick() {
                    return false;
                }

                @Override
                public boolean isQuick(BatchSource.Work work) {
                    return false;
                }

                @Override
                public long meanNanos() {
                    return 0;
                }

                @Override
                public void execute(@Owned BatchSource.Work work) {
                    throw new IllegalStateException("executes on its own thread alone");
                }
            };

    /** Whether it is to take no more; looked at whenever its thread is woken. Any thread. */
    boolean isRetired();

    /** Whether other threads may execute for it: its executions are short of late. */
    boolean isQuick();

    /** Whether this in particular can be expected to be short. */
    boolean isQuick(BatchSource.Work work);

    /** How long an execution takes, in the mean of late. */
    long meanNanos();

    /** Executes on the calling thread. Each request has been answered or failed then. */
    void execute(@Owned BatchSource.Work work);
}
