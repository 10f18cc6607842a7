package io.nereid.backend.scheduler.ratelimit;

import java.util.OptionalInt;

/**
 * How much there is of a resource, as {@code --rate-limit-resource} says.
 *
 * @param name its name, in which case counts
 * @param count how much of it there is
 * @param device the device that has it; empty for every device, and for all of them together
 */
public record ResourceLimit(String name, int count, OptionalInt device) {}
