package io.nereid.repository;

import java.time.Duration;
import java.util.Optional;

/**
 * How repositories are watched (repository section 5).
 *
 * @param interval time between two looks
 * @param quiet how long a directory must not have changed before it is taken up
 * @param marker name of a file that says of the directory which it lies in that a copy into it is
 *     complete: nothing in the directory is newer. With it, directories without it are left alone
 */
public record PollOptions(Duration interval, Duration quiet, Optional<String> marker) {
    /** Time between two looks unless told otherwise. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(15);

    /** How long a directory must have been quiet unless told otherwise. */
    public static final Duration DEFAULT_QUIET = Duration.ofSeconds(2);

    /** Checks the durations. */
    public PollOptions {
        if (interval.isNegative() || interval.isZero() || quiet.isNegative()) {
            throw new IllegalArgumentException("interval " + interval + ", quiet " + quiet);
        }
    }
}
