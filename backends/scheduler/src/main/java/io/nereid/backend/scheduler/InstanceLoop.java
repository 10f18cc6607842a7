package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.InstanceMeter;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What an instance's thread does: take a batch, execute it, see that every request is answered,
 * give the requests back. Runs on the thread {@code nereid-<model>-<n>} only; others may look since
 * when it is busy.
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

    /** When the batch began that is being executed; read from other threads now and then. */
    private final AtomicLong busySince = new AtomicLong(IDLE);

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
    }

    /** Executes what comes until nothing more does. */
    void run(BatchSource source, BooleanSupplier retired) {
        try (InstanceMeter opened = context.listener().instanceOpened(now())) {
            meter = opened;
            BatchSource.Work work = source.take(retired);
            while (!work.items().isEmpty()) {
                execute(work);
                work = source.take(retired);
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
        busySince.setOpaque(batch.startNanos());
        try {
            execute(batch);
        } finally {
            busySince.setOpaque(IDLE);
        }
        items.forEach(Batch.Item::release);
    }

    /** When the batch began that is being executed; empty if there is none. Any thread. */
    OptionalLong busySince() {
        long since = busySince.getOpaque();
        return since == IDLE ? OptionalLong.empty() : OptionalLong.of(since);
    }

    private void execute(Batch batch) {
        meter.begins(batch.size(), batch.startNanos());
        try {
            instance.execute(batch);
            requireAnswers(batch);
        } catch (Throwable failure) {
            // An instance must survive whatever its engine throws, and its clients must be told.
            batch.failRest(statusOf(batch, failure));
        }
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
