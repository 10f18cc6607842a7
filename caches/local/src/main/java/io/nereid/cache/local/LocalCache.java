package io.nereid.cache.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.nereid.backend.cache.CacheFigures;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers in native memory of this process, up to a number of bytes (schedulers section 16). What
 * has to go for a new answer is what Caffeine expects to be asked for least, by how recently and
 * how often it was.
 *
 * <p>Caffeine works on the threads that call; a look-up that finds an answer which is about to go
 * holds it first, so that its memory stays until the outputs are taken out. While several threads
 * insert, each may be one answer above the limit.
 */
final class LocalCache implements ResponseCache {
    private final long capacity;
    private final TensorAllocator allocator;
    private final LongSupplier nanoTime;
    private final Cache<ResponseKey, LocalAnswer> answers;

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong count = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder lookUpNanos = new LongAdder();
    private final LongAdder insertionNanos = new LongAdder();

    /**
     * @param capacity most bytes that are kept
     * @param timeToLive how long an answer is kept at most; empty for as long as there is room
     * @param allocator where answers are kept; stays the caller's
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     */
    LocalCache(
            long capacity,
            Optional<Duration> timeToLive,
            TensorAllocator allocator,
            LongSupplier nanoTime) {
        this.capacity = capacity;
        this.allocator = allocator;
        this.nanoTime = nanoTime;
        Caffeine<ResponseKey, LocalAnswer> builder =
                Caffeine.newBuilder()
                        .maximumWeight(capacity)
                        .<ResponseKey, LocalAnswer>weigher((_, answer) -> (int) answer.byteSize())
                        .removalListener((_, answer, cause) -> gone(answer, cause))
                        .ticker(nanoTime::getAsLong)
                        .executor(Runnable::run);
        timeToLive.ifPresent(builder::expireAfterWrite);
        this.answers = builder.build();
    }

    @Override
    public void find(ResponseKey key, Finding finding) {
        long start = nanoTime.getAsLong();
        LocalAnswer answer = answers.getIfPresent(key);
        if (answer == null || !answer.tryHold()) {
            misses.increment();
            lookUpNanos.add(nanoTime.getAsLong() - start);
            finding.missing();
            return;
        }
        List<Tensor> outputs = answer.outputs();
        answer.release();
        hits.increment();
        lookUpNanos.add(nanoTime.getAsLong() - start);
        finding.found(outputs);
    }

    @Override
    public boolean insert(ResponseKey key, List<Tensor> outputs) {
        long start = nanoTime.getAsLong();
        requireRoom(LocalAnswer.sizeOf(outputs));
        if (answers.asMap().containsKey(key)) {
            return false;
        }
        LocalAnswer answer = LocalAnswer.copyOf(outputs, allocator);
        bytes.addAndGet(answer.byteSize());
        count.incrementAndGet();
        if (answers.asMap().putIfAbsent(key, answer) != null) {
            leave(answer);
            return false;
        }
        insertionNanos.add(nanoTime.getAsLong() - start);
        return true;
    }

    private void requireRoom(long byteSize) {
        if (byteSize > capacity) {
            throw StatusException.invalidArgument(
                    "Requested byte_size: "
                            + byteSize
                            + " is greater than total cache size: "
                            + capacity);
        }
        if (byteSize > Integer.MAX_VALUE) {
            throw StatusException.invalidArgument(
                    "Requested byte_size: "
                            + byteSize
                            + " is greater than the largest answer that is kept: "
                            + Integer.MAX_VALUE);
        }
    }

    private void gone(@Nullable LocalAnswer answer, RemovalCause cause) {
        if (answer == null) {
            throw new IllegalStateException("answers are held, not collected");
        }
        if (cause.wasEvicted()) {
            evictions.increment();
        }
        leave(answer);
    }

    private void leave(LocalAnswer answer) {
        bytes.addAndGet(-answer.byteSize());
        count.decrementAndGet();
        answer.release();
    }

    @Override
    public Optional<CacheFigures> figures() {
        long hit = hits.sum();
        long missed = misses.sum();
        return Optional.of(
                new CacheFigures(
                        (double) bytes.get() / capacity,
                        count.get(),
                        hit + missed,
                        hit,
                        missed,
                        evictions.sum(),
                        lookUpNanos.sum(),
                        insertionNanos.sum()));
    }

    @Override
    public void close() {
        answers.invalidateAll();
        answers.cleanUp();
    }
}
