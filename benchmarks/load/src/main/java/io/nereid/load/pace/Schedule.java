package io.nereid.load.pace;

import java.util.random.RandomGenerator;

/**
 * When requests are meant to be sent, whatever becomes of them. Times are those of a monotonic
 * clock in nanoseconds. Used by one thread.
 */
public interface Schedule {
    /** Whether there is a next request only when one before has ended. */
    boolean waitsForAnswers();

    /** When the next request is meant to be sent. */
    long next(long now);

    /** The next request is sent. */
    void advance();

    /** Closed loop: as soon as there is a lane for it. */
    static Schedule asap() {
        return new Schedule() {
            @Override
            public boolean waitsForAnswers() {
                return true;
            }

            @Override
            public long next(long now) {
                return now;
            }

            @Override
            public void advance() {
                // Every moment is as good as any other.
            }
        };
    }

    /** At equal distances. */
    static Schedule constant(long start, double perSecond) {
        return new Timed(start, perSecond, () -> 1);
    }

    /**
     * At distances of an exponential distribution, as of many clients that know nothing of one
     * another.
     */
    static Schedule poisson(long start, double perSecond, RandomGenerator random) {
        return new Timed(start, perSecond, () -> -Math.log1p(-random.nextDouble()));
    }
}
