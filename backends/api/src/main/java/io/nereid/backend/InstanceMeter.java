package io.nereid.backend;

/** Told when one instance executes. Called on: one thread at a time. Must not block or throw. */
public interface InstanceMeter extends AutoCloseable {
    /** Does nothing. */
    InstanceMeter NONE =
            new InstanceMeter() {
                @Override
                public void begins(int requests, long nowNanos) {}

                @Override
                public void ends(long nowNanos) {}

                @Override
                public void close() {}
            };

    /**
     * An execution begins.
     *
     * @param requests that are executed together
     * @param nowNanos the scheduler's clock
     */
    void begins(int requests, long nowNanos);

    /** The execution has ended, and its answers have left or will without the instance. */
    void ends(long nowNanos);

    /** The instance takes no more requests. */
    @Override
    void close();
}
