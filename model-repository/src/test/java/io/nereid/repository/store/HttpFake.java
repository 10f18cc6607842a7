package io.nereid.repository.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the fakes of stores that have no implementation to test with have in common. */
public abstract class HttpFake implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** An object as the fake keeps it. */
    public static final class Kept {
        private final byte[] bytes;
        private final long generation;
        private final Instant written = Instant.now();

        Kept(byte[] bytes, long generation) {
            this.bytes = bytes.clone();
            this.generation = generation;
        }

        public byte[] bytes() {
            return bytes.clone();
        }

        public int size() {
            return bytes.length;
        }

        public long generation() {
            return generation;
        }

        public Instant written() {
            return written;
        }
    }

    /** Some of the objects, and the key that the next page begins with. */
    public record Page(Map<String, Kept> objects, Optional<String> next) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentNavigableMap<String, Kept> objects = new ConcurrentSkipListMap<>();
    private final AtomicLong generations = new AtomicLong(1_700_000_000_000_000L);

    public HttpFake() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
    }

    /** Begins to answer. */
    public final void start() {
        server.createContext("/", this::answerAndClose);
        server.start();
    }

    private void answerAndClose(HttpExchange exchange) throws IOException {
        try (exchange) {
            answer(exchange);
        }
    }

    /** Answers a request. */
    public abstract void answer(HttpExchange exchange) throws IOException;

    public final int port() {
        return server.getAddress().getPort();
    }

    public final void put(String key, byte[] bytes) {
        objects.put(key, new Kept(bytes, generations.incrementAndGet()));
    }

    public final Optional<Kept> find(String key) {
        return Optional.ofNullable(objects.get(key));
    }

    /** Objects with keys that begin so, from a key on. */
    public final Page page(String prefix, Optional<String> from, int most) {
        Map<String, Kept> page = new TreeMap<>();
        for (Map.Entry<String, Kept> object : objects.tailMap(from.orElse(prefix)).entrySet()) {
            if (!object.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == most) {
                return new Page(page, Optional.of(object.getKey()));
            }
            page.put(object.getKey(), object.getValue());
        }
        return new Page(page, Optional.empty());
    }

    /** A parameter of the query. */
    public static Optional<String> parameter(HttpExchange exchange, String name) {
        String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        return List.of(query.split("&")).stream()
                .filter(part -> part.startsWith(name + "="))
                .map(part -> decoded(part.substring(name.length() + 1)))
                .findFirst();
    }

    public static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Sends an object, or the part of it that a header asks for. */
    public static void send(HttpExchange exchange, Kept kept, Optional<String> range)
            throws IOException {
        int from = 0;
        int to = kept.size();
        int status = 200;
        Matcher asked = RANGE.matcher(range.orElse(""));
        if (asked.matches()) {
            from = Integer.parseInt(asked.group(1));
            to =
                    asked.group(2).isEmpty()
                            ? to
                            : (int) Math.min(to, Long.parseLong(asked.group(2)) + 1);
            status = 206;
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + kept.size());
        }
        exchange.sendResponseHeaders(status, to - from);
        exchange.getResponseBody().write(kept.bytes(), from, to - from);
    }

    public static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public final void close() {
        server.stop(0);
        threads.close();
    }
}
