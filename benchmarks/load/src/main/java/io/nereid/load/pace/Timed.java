package io.nereid.load.pace;

import java.util.function.DoubleSupplier;

/** Times at given distances. Fractions of a nanosecond are kept, so that no rate drifts. */
final class Timed implements Schedule {
    private static final double NANOS = 1e9;

    private final double meanNanos;
    private final DoubleSupplier distances;
    private long next;
    private double fraction;

    /**
     * @param distances between one and the next, 1 in the mean
     */
    Timed(long start, double perSecond, DoubleSupplier distances) {
        this.next = start;
        this.meanNanos = NANOS / perSecond;
        this.distances = distances;
        advance();
    }

    @Override
    public boolean waitsForAnswers() {
        return false;
    }

    @Override
    public long next(long now) {
        return next;
    }

    @Override
    public void advance() {
        double distance = meanNanos * distances.getAsDouble() + fraction;
        long whole = (long) distance;
        next += whole;
        fraction = distance - whole;
    }
}
