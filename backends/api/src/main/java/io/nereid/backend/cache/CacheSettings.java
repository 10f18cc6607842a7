package io.nereid.backend.cache;

import io.nereid.protocol.StatusException;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Reads the settings of a response cache one by one, and knows which were never asked for. Used by
 * one thread.
 */
public final class CacheSettings {
    private static final String TTL = "ttl_secs";
    private static final long MAX_TTL_SECONDS = Duration.ofDays(36_500).toSeconds();

    private final String failure;
    private final Map<String, String> settings;
    private final TreeSet<String> unread;

    /**
     * @param failure what messages begin with
     * @param settings by name
     */
    public CacheSettings(String failure, Map<String, String> settings) {
        this.failure = failure;
        this.settings = settings;
        this.unread = new TreeSet<>(settings.keySet());
    }

    /** The setting as it was given; empty if it was not, or is empty. */
    public Optional<String> text(String name) {
        unread.remove(name);
        return Optional.ofNullable(settings.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * A whole number.
     *
     * @throws StatusException INVALID_ARG if it is none, or not within the bounds
     */
    public Optional<Long> number(String name, long least, long most) {
        return text(name)
                .map(value -> {
                    try {
                        long number = Long.parseLong(value.strip());
                        if (number >= least && number <= most) {
                            return number;
                        }
                    } catch (NumberFormatException e) {
                        throw refusal(expected(name, least, most, value), e);
                    }
                    throw refusal(expected(name, least, most, value));
                });
    }

    private static String expected(String name, long least, long most, String value) {
        return "'"
                + name
                + "' must be a whole number from "
                + least
                + " to "
                + most
                + ". Got '"
                + value
                + "'";
    }

    /**
     * {@code true|on|1|yes} or {@code false|off|0|no}, in any letter case; false if it was not
     * given.
     *
     * @throws StatusException INVALID_ARG if it is neither
     */
    public boolean flag(String name) {
        String value = text(name).orElse("false");
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1", "yes" -> true;
            case "false", "off", "0", "no" -> false;
            default -> throw refusal("'" + name + "' must be true or false. Got '" + value + "'");
        };
    }

    /**
     * How long an answer is kept at most; empty for as long as there is room.
     *
     * @throws StatusException INVALID_ARG if {@code ttl_secs} is no number of seconds
     */
    public Optional<Duration> timeToLive() {
        return number(TTL, 1, MAX_TTL_SECONDS).map(Duration::ofSeconds);
    }

    /** What to throw for settings that cannot be honoured. */
    public StatusException refusal(String text) {
        return StatusException.invalidArgument(failure + text);
    }

    private StatusException refusal(String text, Throwable cause) {
        StatusException refusal = refusal(text);
        refusal.initCause(cause);
        return refusal;
    }

    /** Settings that were given and never asked for, sorted. */
    public Collection<String> unread() {
        return new TreeSet<>(unread);
    }
}
