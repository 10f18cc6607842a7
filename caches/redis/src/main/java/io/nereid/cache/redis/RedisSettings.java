package io.nereid.cache.redis;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.CacheSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * What {@code --cache-config=redis,...} says (schedulers section 16).
 *
 * @param user empty for the server's default user
 * @param password empty if the server asks for none
 * @param database number of the database
 * @param connectTimeout longest time in which a connection must be there
 * @param answerTimeout longest time in which a question must be answered
 * @param connections connections to the server
 * @param timeToLive how long an answer is kept at most; empty for as long as Redis keeps it
 * @param tls empty for plain connections
 */
record RedisSettings(
        String host,
        int port,
        Optional<String> user,
        Optional<String> password,
        int database,
        Duration connectTimeout,
        Duration answerTimeout,
        int connections,
        Optional<Duration> timeToLive,
        Optional<Tls> tls) {
    private static final long DEFAULT_CONNECT_MILLIS = 2000;
    private static final long DEFAULT_WAIT_MILLIS = 1000;
    private static final long LONGEST_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final int MOST_CONNECTIONS = 1024;

    /**
     * How connections are protected.
     *
     * @param certificate of this server, with its key; empty if Redis asks for none
     * @param authority file of certificates that Redis' is checked against
     * @param authorities directory of such files
     * @param serverName name to ask for; empty for the host
     */
    record Tls(
            Optional<Pair> certificate,
            Optional<Path> authority,
            Optional<Path> authorities,
            Optional<String> serverName) {}

    /** A certificate and its private key, both PEM files. */
    record Pair(Path certificate, Path key) {}

    /** The settings, and those that nobody asked for. */
    record Read(RedisSettings settings, Collection<String> unread) {}

    /**
     * Reads settings; user and password may be variables of the environment.
     *
     * @throws io.nereid.protocol.StatusException INVALID_ARG with the text for the user
     */
    static Read of(CacheEnvironment environment) {
        CacheSettings given =
                new CacheSettings("Failed to initialize RedisCache: ", environment.settings());
        String host = mandatory(given, "host");
        long port =
                given.number("port", 1, 65_535).orElseThrow(() -> given.refusal(missing("port")));
        RedisSettings settings =
                new RedisSettings(
                        host,
                        (int) port,
                        given.text("user")
                                .or(() -> variable(environment, "TRITONCACHE_REDIS_USERNAME")),
                        given.text("password")
                                .or(() -> variable(environment, "TRITONCACHE_REDIS_PASSWORD")),
                        given.number("db", 0, Integer.MAX_VALUE).orElse(0L).intValue(),
                        Duration.ofMillis(millis(given, "connect_timeout", DEFAULT_CONNECT_MILLIS)),
                        answerTimeout(given),
                        given.number("pool_size", 1, MOST_CONNECTIONS).orElse(1L).intValue(),
                        given.timeToLive(),
                        given.flag("tls_enabled") ? Optional.of(tls(given)) : Optional.empty());
        return new Read(settings, given.unread());
    }

    /** A question waits for both together in Triton; here the shorter one ends it. */
    private static Duration answerTimeout(CacheSettings given) {
        long wait = millis(given, "wait_timeout", DEFAULT_WAIT_MILLIS);
        return Duration.ofMillis(Math.min(wait, millis(given, "socket_timeout", wait)));
    }

    /** 0 means for ever in Triton, which is too long for a request. */
    private static long millis(CacheSettings given, String name, long byDefault) {
        return given.number(name, 0, LONGEST_MILLIS).filter(millis -> millis > 0).orElse(byDefault);
    }

    private static Tls tls(CacheSettings given) {
        Optional<Path> certificate = given.text("cert").map(Path::of);
        Optional<Path> key = given.text("key").map(Path::of);
        if (certificate.isPresent() != key.isPresent()) {
            throw given.refusal("'cert' and 'key' belong together; one of them is missing");
        }
        return new Tls(
                certificate.map(file -> new Pair(file, key.orElseThrow())),
                given.text("cacert").map(Path::of),
                given.text("cacert_dir").map(Path::of),
                given.text("sni"));
    }

    private static String mandatory(CacheSettings given, String name) {
        return given.text(name).orElseThrow(() -> given.refusal(missing(name)));
    }

    private static String missing(String name) {
        return "config didn't contain a valid '" + name + "' field.";
    }

    private static Optional<String> variable(CacheEnvironment environment, String name) {
        return Optional.ofNullable(environment.variables().get(name))
                .filter(value -> !value.isEmpty());
    }

    /** Where the server is. */
    String address() {
        return host + ":" + port;
    }

    /** Does not print the password. */
    @Override
    public String toString() {
        return "RedisSettings[" + address() + ", db " + database + "]";
    }
}
