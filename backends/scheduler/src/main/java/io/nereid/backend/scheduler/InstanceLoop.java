package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.InstanceMeter;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What is done with an instance: take a batch, execute it, see that every request is answered, give
 * the requests back. Used by one thread at a time, the instance's own {@code nereid-<model>-<n>} or
 * one that executes for it meanwhile; others may look what it executes.
 */
final class InstanceLoop {
    private static final Logger log = LoggerFactory.getLogger(InstanceLoop.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** No batch began then: the origin of the clock lies closer. */
    private static final long IDLE = Long.MIN_VALUE;

    private final ModelConfig config;
    private final long version;
    private final ModelInstance instance;
    private final SchedulerContext context;

    private final RecentRuns runs;

    /** When the batch began that is being executed; read from other threads now and then. */
    private final AtomicLong busySince = new AtomicLong(IDLE);

    /** Who executes it, or the last one; written before {@link #busySince}. */
    private volatile Thread executing = Thread.currentThread();

    private long nextFailureLog;

    /** None for executions that warm the instance up. */
    private InstanceMeter meter = InstanceMeter.NONE;

    InstanceLoop(
            ModelConfig config, long version, ModelInstance instance, SchedulerContext context) {
        this.config = config;
        this.version = version;
        this.instance = instance;
        this.context = context;
        this.nextFailureLog = now();
        this.runs = new RecentRuns(context.instances().quickNanos());
    }

    /** Executes what comes until nothing more does. */
    void run(BatchSource source, Taker taker) {
        try (InstanceMeter opened = context.listener().instanceOpened(now())) {
            meter = opened;
            BatchSource.Work work = source.take(taker);
            while (!work.items().isEmpty()) {
                execute(work);
                work = source.take(taker);
            }
        }
    }

    /** Executes requests together and gives them back; each has been answered or failed then. */
    void execute(@Owned BatchSource.Work work) {
        List<Batch.Item> items = work.items();
        items.forEach(item -> item.request().executing());
        Batch batch =
                new Batch(
                        config,
                        version,
                        items,
                        work.close(),
                        context.listener(),
                        context.nanoTime());
        if (!Thread.currentThread().equals(executing)) {
            executing = Thread.currentThread();
        }
        busySince.setRelease(batch.startNanos());
        try {
            execute(batch, work.byteSize());
        } finally {
            busySince.setRelease(IDLE);
        }
        items.forEach(Batch.Item::release);
    }

    /** How long its executions took. */
    RecentRuns runs() {
        return runs;
    }

    /**
     * What is being executed. Any thread.
     *
     * @param instance its name
     */
    Optional<RunningBatch> running(String instance) {
        long since = busySince.getAcquire();
        return since == IDLE
                ? Optional.empty()
                : Optional.of(new RunningBatch(instance, since, executing));
    }

    private void execute(Batch batch, long byteSize) {
        meter.begins(batch.size(), batch.startNanos());
        try {
            instance.execute(batch);
            requireAnswers(batch);
        } catch (Throwable failure) {
            // An instance must survive whatever its engine throws, and its clients must be told.
            batch.failRest(statusOf(batch, failure));
        }
        runs.add(byteSize, now() - batch.startNanos());
        if (log.isDebugEnabled()) {
            naming(batch, log.atDebug())
                    .log(
                            "executed model '{}' version {}: {} requests, batch size {}, {} us",
                            config.name(),
                            version,
                            batch.size(),
                            batch.batchSize(),
                            TimeUnit.NANOSECONDS.toMicros(now() - batch.startNanos()));
        }
        try {
            batch.returned();
        } catch (Throwable failure) {
            // Whoever takes an answer shall not take the instance from those that follow.
            logFailure(batch, failure);
        }
        meter.ends(now());
    }

    /** A decoupled model may answer later; from its return on the batch is its own. */
    private void requireAnswers(Batch batch) {
        if (config.decoupled()) {
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            if (!batch.hasEnded(i)) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "model '" + config.name() + "' returned without answering the request");
            }
        }
    }

    private StatusException statusOf(Batch batch, Throwable failure) {
        if (failure instanceof StatusException status) {
            return status;
        }
        logFailure(batch, failure);
        return new StatusException(
                StatusCode.INTERNAL, "model '" + config.name() + "' failed: " + failure, failure);
    }

    private void logFailure(Batch batch, Throwable failure) {
        long now = now();
        if (now - nextFailureLog >= 0) {
            nextFailureLog = now + LOG_INTERVAL_NANOS;
            naming(batch, log.atError())
                    .setCause(failure)
                    .log("model '{}' version {} failed", config.name(), version);
        }
    }

    /** A line that names the requests that it is about. */
    private static LoggingEventBuilder naming(Batch batch, LoggingEventBuilder line) {
        return line.addKeyValue("request_id", named(batch, InferenceRequest::id))
                .addKeyValue("trace_id", named(batch, request -> request.trace().traceId()));
    }

    /** The names of a batch's requests, of those that have one. */
    private static String named(Batch batch, Function<InferenceRequest, String> name) {
        return IntStream.range(0, batch.size())
                .mapToObj(batch::request)
                .map(name)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(","));
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }
}
