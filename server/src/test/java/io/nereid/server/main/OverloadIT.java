package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that answers 25 requests a second, and clients that send 250, whether they are answered
 * or not. The server has a heap of fixed size and a queue of 32.
 *
 * <p>{@code -Dnereid.overload.seconds=60} makes it last. How long answers take is printed, not
 * asserted: it depends on what else the machine does.
 */
final class OverloadIT {
    private static final long SECONDS = Long.getLong("nereid.overload.seconds", 10);
    private static final int PER_SECOND = 250;
    private static final int QUEUE = 32;
    private static final int ELEMENTS = 2000;
    private static final long MOST_RESIDENT = 800L << 20;
    @TempDir private Path repository;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final byte[] body = body();

    private static String model() {
        return """
        backend: "identity" max_batch_size: 1
        input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ -1 ] } ]
        output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ -1 ] } ]
        parameters { key: "execute_delay_ms" value { string_value: "40" } }
        dynamic_batching { default_queue_policy { max_queue_size:\
        """
                + QUEUE
                + "} }";
    }

    private static byte[] body() {
        String data = "7,".repeat(ELEMENTS - 1) + "7";
        return ("{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1,"
                        + ELEMENTS
                        + "],\"data\":["
                        + data
                        + "]}]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** What became of the requests of one phase. */
    private static final class Tally {
        private final AtomicLong sent = new AtomicLong();
        private final AtomicInteger refused = new AtomicInteger();
        private final ConcurrentLinkedQueue<Long> answeredNanos = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

        private void count(HttpResponse<byte[]> reply, long nanos) {
            switch (reply.statusCode()) {
                case 200 -> answeredNanos.add(nanos);
                case 429 -> {
                    refused.incrementAndGet();
                    if (reply.headers().firstValue("Retry-After").isEmpty()) {
                        wrong.add("a refusal without Retry-After");
                    }
                }
                default ->
                        wrong.add(
                                reply.statusCode()
                                        + ": "
                                        + new String(reply.body(), StandardCharsets.UTF_8));
            }
        }

        private long outcomes() {
            return (long) answeredNanos.size() + refused.get() + wrong.size();
        }

        private double millis(double quantile) {
            long[] sorted = answeredNanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted.length == 0
                    ? 0
                    : sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))]
                            / 1e6;
        }

        private String describe(String phase) {
            return String.format(
                    "%s: %d sent, %d answered (p50 %.0f ms, p99 %.0f ms), %d refused",
                    phase,
                    sent.get(),
                    answeredNanos.size(),
                    millis(0.5),
                    millis(0.99),
                    refused.get());
        }
    }

    @Test
    void answersWhatItCanAndRefusesTheRestAndIsItselfAfterwards() throws Exception {
        TestServers.place(repository, "m", model());
        try (ServerProcess server =
                ServerProcess.start(
                        repository,
                        "--overload-status=429",
                        "--max-inflight-requests=" + 2 * QUEUE,
                        "--allow-metrics=false")) {
            HttpRequest request = request(server.port());
            saturate(request, 1);
            Tally saturated = saturate(request, Math.min(SECONDS, 10));
            Tally overloaded = overload(request);
            long end = System.nanoTime();
            double recovery = awaitNormalLatency(request, end);

            System.out.println(saturated.describe("saturation"));
            System.out.println(overloaded.describe("10x overload for " + SECONDS + " s"));
            System.out.printf(
                    "p99 %.2f of that at saturation; normal latency %.0f ms after; %d MiB resident%n",
                    overloaded.millis(0.99) / saturated.millis(0.99),
                    recovery,
                    server.resident() >> 20);
            assertThat(saturated.wrong).isEmpty();
            assertThat(overloaded.wrong).isEmpty();
            assertThat(overloaded.outcomes()).isEqualTo(overloaded.sent.get());
            assertThat(overloaded.refused).hasPositiveValue();
            assertThat(overloaded.answeredNanos).isNotEmpty();
            assertThat(server.isAlive()).isTrue();
            assertThat(server.resident()).isLessThan(MOST_RESIDENT);
        }
    }

    private HttpRequest request(int port) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/models/m/infer"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    /** As many clients as the queue has places, each of which waits for its answer. */
    private Tally saturate(HttpRequest request, long seconds) throws InterruptedException {
        Tally tally = new Tally();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < QUEUE; i++) {
            clients.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                while (System.nanoTime() < end) {
                                    sendAndWait(request, tally);
                                }
                            }));
        }
        for (Thread each : clients) {
            each.join();
        }
        return tally;
    }

    private long sendAndWait(HttpRequest request, Tally tally) {
        long start = System.nanoTime();
        tally.sent.incrementAndGet();
        try {
            HttpResponse<byte[]> reply =
                    client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            tally.count(reply, System.nanoTime() - start);
        } catch (IOException e) {
            tally.wrong.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime() - start;
    }

    /** Requests come at their times, whatever became of those before. */
    private Tally overload(HttpRequest request) throws InterruptedException {
        Tally tally = new Tally();
        long period = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
        long all = SECONDS * PER_SECOND;
        CountDownLatch outcomes = new CountDownLatch((int) all);
        long start = System.nanoTime();
        for (long i = 0; i < all; i++) {
            long wait = start + i * period - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
            send(request, tally, outcomes);
        }
        assertThat(outcomes.await(60, TimeUnit.SECONDS)).as("every request has an end").isTrue();
        return tally;
    }

    private void send(HttpRequest request, Tally tally, CountDownLatch outcomes) {
        long start = System.nanoTime();
        tally.sent.incrementAndGet();
        var _ =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                        .whenComplete((reply, failure) -> {
                            if (failure == null) {
                                tally.count(reply, System.nanoTime() - start);
                            } else {
                                tally.wrong.add(failure.toString());
                            }
                            outcomes.countDown();
                        });
    }

    /** Milliseconds until a request takes no longer than a few executions. */
    private double awaitNormalLatency(HttpRequest request, long since) {
        long limit = TimeUnit.MILLISECONDS.toNanos(100);
        Tally tally = new Tally();
        while (sendAndWait(request, tally) > limit || tally.answeredNanos.isEmpty()) {
            tally.answeredNanos.clear();
            assertThat(System.nanoTime() - since).isLessThan(TimeUnit.SECONDS.toNanos(30));
        }
        return (System.nanoTime() - since) / 1e6;
    }
}
