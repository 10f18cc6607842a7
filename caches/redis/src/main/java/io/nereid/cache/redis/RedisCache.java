package io.nereid.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.nereid.backend.cache.EventThrottle;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers in a Redis server (schedulers section 16), which decides itself what has to go when its
 * memory is full. Nobody waits for it: a look-up ends on Lettuce's threads, an insertion goes on in
 * the background, in a bounded number of bytes. While the server does not answer, every look-up
 * misses at once, except one a second that finds out whether it does again.
 */
final class RedisCache implements ResponseCache {
    private static final Logger log = LoggerFactory.getLogger(RedisCache.class);

    /** Bytes of answers that are on their way to the server, and so also of one answer. */
    static final int MOST_BYTES = 64 << 20;

    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();
    private static final String KEY_PREFIX = "nereid:";

    private final RedisConnections connections;
    private final String address;
    private final SetArgs onlyNew;
    private final AnswerCodec codec;
    private final Outage outage;
    private final EventThrottle troubles;
    private final AtomicLong underWay = new AtomicLong();

    private RedisCache(
            @Owned RedisConnections connections,
            RedisSettings settings,
            TensorAllocator allocator,
            LongSupplier nanoTime) {
        this.connections = connections;
        this.address = settings.address();
        this.onlyNew = SetArgs.Builder.nx();
        settings.timeToLive().ifPresent(onlyNew::px);
        this.codec = new AnswerCodec(allocator);
        this.outage = new Outage(PAUSE_NANOS, nanoTime);
        this.troubles = new EventThrottle(LOG_NANOS, nanoTime);
    }

    /** Connects; a server that cannot be reached is logged. Blocks until that is known. */
    static @Owned RedisCache open(
            RedisSettings settings, TensorAllocator allocator, LongSupplier nanoTime) {
        RedisConnections connections = RedisConnections.open(settings);
        RedisCache cache = new RedisCache(connections, settings, allocator, nanoTime);
        connections
                .awaitFirst()
                .ifPresent(why -> {
                    cache.outage.failed();
                    cache.logTrouble("requests are executed", why);
                });
        return cache;
    }

    @Override
    public void find(ResponseKey key, Finding finding) {
        Optional<? extends CompletionStage<byte @Nullable []>> value =
                ask(key, commands -> commands.get(nameOf(key)));
        if (value.isEmpty()) {
            finding.missing();
            return;
        }
        CompletionStage<?> _ =
                value.get()
                        .whenComplete((bytes, failure) -> {
                            told(failure);
                            if (failure != null) {
                                logTrouble("a look-up failed", RedisConnections.reason(failure));
                            }
                            end(finding, bytes);
                        });
    }

    private void end(Finding finding, byte @Nullable [] bytes) {
        if (bytes == null) {
            finding.missing();
            return;
        }
        List<Tensor> outputs;
        try {
            outputs = codec.decode(bytes);
        } catch (StatusException e) {
            logTrouble("an answer cannot be read", e.text());
            finding.missing();
            return;
        }
        finding.found(outputs);
    }

    @Override
    public boolean insert(ResponseKey key, List<Tensor> outputs) {
        long size = AnswerCodec.sizeOf(outputs);
        if (size > MOST_BYTES) {
            throw StatusException.invalidArgument(
                    "Requested byte_size: "
                            + size
                            + " is greater than the largest answer that is kept: "
                            + MOST_BYTES);
        }
        if (underWay.addAndGet(size) > MOST_BYTES) {
            underWay.addAndGet(-size);
            throw notKept("takes answers too slowly");
        }
        Optional<? extends CompletionStage<@Nullable String>> stored =
                ask(
                        key,
                        commands ->
                                commands.set(
                                        nameOf(key), codec.encode(outputs, (int) size), onlyNew));
        if (stored.isEmpty()) {
            underWay.addAndGet(-size);
            throw notKept("cannot be reached");
        }
        CompletionStage<?> _ =
                stored.get()
                        .whenComplete((_, failure) -> {
                            underWay.addAndGet(-size);
                            told(failure);
                            if (failure != null) {
                                logTrouble(
                                        "Failed to insert key [" + key + "] into response cache",
                                        RedisConnections.reason(failure));
                            }
                        });
        return true;
    }

    private StatusException notKept(String why) {
        return new StatusException(StatusCode.UNAVAILABLE, "Redis at " + address + " " + why);
    }

    private static byte[] nameOf(ResponseKey key) {
        return (KEY_PREFIX + key).getBytes(StandardCharsets.US_ASCII);
    }

    private interface Question<T> {
        CompletionStage<T> ask(RedisAsyncCommands<byte[], byte[]> commands);
    }

    /** Asks the server; empty if it cannot be asked now. */
    private <T extends @Nullable Object> Optional<CompletionStage<T>> ask(
            ResponseKey key, Question<T> question) {
        if (!outage.mayAsk()) {
            return Optional.empty();
        }
        Optional<RedisAsyncCommands<byte[], byte[]>> commands = connections.of(key);
        if (commands.isEmpty()) {
            outage.failed();
            logTrouble("requests are executed", "not connected");
            return Optional.empty();
        }
        try {
            return Optional.of(question.ask(commands.get()));
        } catch (RedisException e) {
            told(e);
            logTrouble("requests are executed", RedisConnections.reason(e));
            return Optional.empty();
        }
    }

    /** An error that the server reports is an answer too. */
    private void told(@Nullable Throwable failure) {
        if (failure == null || failure instanceof RedisCommandExecutionException) {
            outage.answered();
        } else {
            outage.failed();
        }
    }

    private void logTrouble(String what, String why) {
        OptionalLong suppressed = troubles.happened();
        if (suppressed.isPresent()) {
            log.error(
                    "response cache in Redis at {}: {}: {} ({} more since the last such line)",
                    address,
                    what,
                    why,
                    suppressed.getAsLong());
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
