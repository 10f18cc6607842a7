package io.nereid.backend.scheduler.ratelimit;

import java.util.OptionalInt;

/**
 * A resource of which there is some amount.
 *
 * @param name its name
 * @param device the device that has it; empty if all devices share it
 */
record ResourceId(String name, OptionalInt device) {}
