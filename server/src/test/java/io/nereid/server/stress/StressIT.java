package io.nereid.server.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.server.main.NereidServer;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All schedulers at once, under clients that leave, hurry, read slowly and talk nonsense, while
 * models are loaded again and steps of ensembles fail. A minute in each build; {@code
 * -Dnereid.stress.seconds=600} for ten, {@code -Dnereid.stress.seed=N} for the same choices again.
 */
final class StressIT {
    private static final Logger log = LoggerFactory.getLogger(StressIT.class);
    private static final int SECONDS = Integer.getInteger("nereid.stress.seconds", 60);

    private final Tally tally = new Tally();

    @Test
    void losesDoublesAndKeepsNothing(@TempDir Path repository) throws Exception {
        StressModels.place(repository);
        long seed = Long.getLong("nereid.stress.seed", System.nanoTime());
        log.info("seed {}, {} seconds", seed, SECONDS);
        NereidServer server = start(repository);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
        try (HttpClient http = client();
                HttpClient leaving = client()) {
            run(visitors(server, channel, http, leaving), seed);
            awaitRest(server, http);
        } finally {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            // Fails if a tensor was not given back, or a request has not ended.
            server.close();
        }
        tally.outcomes().forEach((outcome, count) -> log.info("{}: {}", outcome, count));
        log.info("{} outcomes", tally.total());
        assertThat(tally.violations()).as("seed " + seed).isEmpty();
        assertThat(tally.of("rude", "read slowly")).isPositive();
        assertThat(tally.of("repeat", "streamed")).isPositive();
        assertThat(tally.of("stream_chain", "streamed")).isPositive();
        assertThat(tally.of("http cached_chain", "answered")).isPositive();
        assertThat(tally.of("ens_gather", "failed")).isPositive();
        assertThat(tally.of("grpc nested", "answered")).isPositive();
        assertThat(tally.of("seq_direct", "whole")).isPositive();
        assertThat(tally.of("seq_oldest", "whole")).isPositive();
    }

    private static NereidServer start(Path repository) {
        return NereidServer.start(
                TestServers.commandLine(
                        Map.of(),
                        List.of(
                                "--http-address=127.0.0.1",
                                "--http-port=0",
                                "--grpc-address=127.0.0.1",
                                "--grpc-port=0",
                                "--model-repository=" + repository,
                                "--model-repository="
                                        + TestServers.resource("/conformance/repository"),
                                "--model-control-mode=explicit",
                                "--cache-config=local,size=65536",
                                "--load-model=nested",
                                "--load-model=cached_chain",
                                "--load-model=stream_chain",
                                "--load-model=hurried",
                                "--load-model=large",
                                "--load-model=repeat",
                                "--load-model=ens_gather",
                                "--load-model=seq_direct",
                                "--load-model=seq_oldest")));
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private List<Visitor> visitors(
            NereidServer server, ManagedChannel channel, HttpClient http, HttpClient leaving) {
        URI address = URI.create("http://127.0.0.1:" + server.httpPort());
        List<Visitor> visitors = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            visitors.add(new HttpVisitor(http, leaving, address, StressModels.echoes(), tally));
            visitors.add(new GrpcVisitor(channel, StressModels.echoes(), tally));
        }
        visitors.add(new StreamVisitor(channel, "repeat", tally));
        visitors.add(new StreamVisitor(channel, "repeat", tally));
        visitors.add(new StreamVisitor(channel, "stream_chain", tally));
        AtomicLong ids = new AtomicLong();
        for (int i = 0; i < 4; i++) {
            visitors.add(new SequenceVisitor(channel, "seq_direct", ids, tally));
            visitors.add(new SequenceVisitor(channel, "seq_oldest", ids, tally));
        }
        visitors.add(new FailingStepVisitor(channel, tally));
        visitors.add(new RudeVisitor(address, "large", tally));
        visitors.add(new ReloadingVisitor(http, address, StressModels.reloaded(), tally));
        return visitors;
    }

    private void run(List<Visitor> visitors, long seed) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < visitors.size(); i++) {
            Visitor visitor = visitors.get(i);
            Random random = new Random(seed + i);
            threads.add(
                    Thread.ofPlatform()
                            .name("visitor-" + i)
                            .start(() -> {
                                while (System.nanoTime() - end < 0) {
                                    visit(visitor, random);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void visit(Visitor visitor, Random random) {
        try {
            visitor.visit(random);
        } catch (Exception e) {
            tally.violation(visitor.getClass().getSimpleName(), e.toString());
        }
    }

    /** Nobody asks any more: what is left is what clients have left behind, and it ends soon. */
    private static void awaitRest(NereidServer server, HttpClient http) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        List<String> waiting = pending(server, http);
        while (!waiting.isEmpty() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            waiting = pending(server, http);
        }
        assertThat(waiting).isEmpty();
    }

    /** Series of waiting requests that are not 0. */
    private static List<String> pending(NereidServer server, HttpClient http)
            throws IOException, InterruptedException {
        String page =
                http.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:%d/metrics"
                                                                .formatted(server.metricsPort())))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return page.lines()
                .filter(line -> line.startsWith("nv_inference_pending_request_count"))
                .filter(line -> !line.endsWith(" 0"))
                .toList();
    }
}
