package io.nereid.load.pace;

import java.util.function.IntFunction;

/**
 * What one driver does.
 *
 * @param firstLanes lanes to open before the first request
 * @param mostLanes lanes to open if all are busy
 * @param budget number of requests in all
 * @param courses what the n-th lane sends
 */
public record DriverPlan(int firstLanes, int mostLanes, long budget, IntFunction<Course> courses) {
    /** The budget of a driver that goes on until it is stopped. */
    public static final long UNLIMITED = Long.MAX_VALUE;
}
