package io.nereid.cache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.nereid.backend.cache.ResponseKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one Redis server. A connection that breaks is made anew by Lettuce; one that
 * never came is tried again when somebody asks for it. A question fails at once if its connection
 * is not there, and after a while if it is not answered. Any thread; opened and closed on control
 * threads.
 */
final class RedisConnections implements AutoCloseable {
    /** Questions that wait for one connection. */
    private static final int QUEUE = 4096;

    private static final int THREADS = 2;
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int RETRY_BASE = 2;

    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
    private final Link[] links;

    private RedisConnections(ClientResources resources, RedisClient client, RedisURI uri, int n) {
        this.resources = resources;
        this.client = client;
        this.uri = uri;
        this.links = IntStream.range(0, n).mapToObj(_ -> new Link()).toArray(Link[]::new);
    }

    /** Begins to connect. */
    static RedisConnections open(RedisSettings settings) {
        ClientOptions options = options(settings);
        ClientResources resources =
                DefaultClientResources.builder()
                        .ioThreadPoolSize(THREADS)
                        .computationThreadPoolSize(THREADS)
                        .threadFactoryProvider(pool -> threads("nereid-cache-" + pool))
                        .reconnectDelay(
                                Delay.exponential(
                                        FIRST_RETRY, LAST_RETRY, RETRY_BASE, TimeUnit.MILLISECONDS))
                        .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                        .commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
                        .build();
        RedisClient client = RedisClient.create(resources);
        client.setOptions(options);
        return new RedisConnections(resources, client, uri(settings), settings.connections());
    }

    private static ThreadFactory threads(String name) {
        return Thread.ofPlatform().daemon().name(name + "-", 0).factory();
    }

    private static ClientOptions options(RedisSettings settings) {
        ClientOptions.Builder options =
                ClientOptions.builder()
                        .autoReconnect(true)
                        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                        .requestQueueSize(QUEUE)
                        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                        .socketOptions(
                                SocketOptions.builder()
                                        .connectTimeout(settings.connectTimeout())
                                        .build())
                        .timeoutOptions(TimeoutOptions.enabled(settings.answerTimeout()));
        settings.tls().ifPresent(tls -> options.sslOptions(RedisTls.options(tls)));
        return options.build();
    }

    private static RedisURI uri(RedisSettings settings) {
        RedisURI.Builder uri =
                RedisURI.Builder.redis(settings.host(), settings.port())
                        .withDatabase(settings.database())
                        .withTimeout(settings.connectTimeout())
                        .withSsl(settings.tls().isPresent());
        if (settings.tls().isPresent()) {
            uri.withVerifyPeer(SslVerifyMode.FULL);
        }
        char[] password = settings.password().orElse("").toCharArray();
        if (settings.user().isPresent()) {
            uri.withAuthentication(settings.user().get(), password);
        } else if (password.length > 0) {
            uri.withPassword(password);
        }
        return uri.build();
    }

    /** Why there is no connection yet; empty if all are there. Waits until that is known. */
    Optional<String> awaitFirst() {
        for (Link link : links) {
            Optional<String> trouble = link.await();
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return Optional.empty();
    }

    /**
     * Where to ask for a key, always the same connection, so that an answer which was sent before
     * is there before the question; empty if there is none now.
     */
    Optional<RedisAsyncCommands<byte[], byte[]>> of(ResponseKey key) {
        return links[Math.floorMod(key.hashCode(), links.length)].commands();
    }

    @Override
    public void close() {
        client.shutdown(0, 2, TimeUnit.SECONDS);
        boolean _ =
                resources
                        .shutdown(0, 2, TimeUnit.SECONDS)
                        .awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    /** What kept something from happening, in a few words. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage();
        return text == null ? cause.getClass().getSimpleName() : text;
    }

    /** One connection, from the first attempt to make it. */
    private final class Link {
        private final AtomicReference<CompletableFuture<StatefulRedisConnection<byte[], byte[]>>>
                attempt = new AtomicReference<>(connect());

        private CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connect() {
            return client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
        }

        Optional<RedisAsyncCommands<byte[], byte[]>> commands() {
            CompletableFuture<StatefulRedisConnection<byte[], byte[]>> now = attempt.get();
            if (!now.isDone()) {
                return Optional.empty();
            }
            if (!now.isCompletedExceptionally()) {
                return Optional.of(now.join().async());
            }
            CompletableFuture<StatefulRedisConnection<byte[], byte[]>> next =
                    new CompletableFuture<>();
            if (attempt.compareAndSet(now, next)) {
                CompletableFuture<?> _ = connect().whenComplete((made, e) -> settle(next, made, e));
            }
            return Optional.empty();
        }

        private static void settle(
                CompletableFuture<StatefulRedisConnection<byte[], byte[]>> next,
                @Nullable StatefulRedisConnection<byte[], byte[]> made,
                @Nullable Throwable failure) {
            boolean _ =
                    made == null
                            ? next.completeExceptionally(failureOf(failure))
                            : next.complete(made);
        }

        private static Throwable failureOf(@Nullable Throwable failure) {
            return failure == null ? new IllegalStateException("no connection") : failure;
        }

        Optional<String> await() {
            try {
                boolean _ = attempt.get().join().isOpen();
                return Optional.empty();
            } catch (CompletionException e) {
                return Optional.of(reason(e));
            }
        }
    }
}
