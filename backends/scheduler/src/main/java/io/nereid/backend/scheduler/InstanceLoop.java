package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.InstanceMeter;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an instance's thread does: take a batch, execute it, see that every request is answered,
 * give the requests back. Runs on the thread {@code nereid-<model>-<n>} only.
 */
final class InstanceLoop {
    private static final Logger log = LoggerFactory.getLogger(InstanceLoop.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ModelConfig config;
    private final long version;
    private final ModelInstance instance;
    private final SchedulerContext context;
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
        execute(
                new Batch(
                        config,
                        version,
                        items,
                        work.close(),
                        context.listener(),
                        context.nanoTime()));
        items.forEach(item -> item.request().close());
    }

    private void execute(Batch batch) {
        meter.begins(batch.size(), batch.startNanos());
        try {
            instance.execute(batch);
            requireAnswers(batch);
        } catch (Throwable failure) {
            // An instance must survive whatever its engine throws, and its clients must be told.
            batch.failRest(statusOf(failure));
        }
        if (log.isDebugEnabled()) {
            log.debug(
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
            logFailure(failure);
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

    private StatusException statusOf(Throwable failure) {
        if (failure instanceof StatusException status) {
            return status;
        }
        logFailure(failure);
        return new StatusException(
                StatusCode.INTERNAL, "model '" + config.name() + "' failed: " + failure, failure);
    }

    private void logFailure(Throwable failure) {
        long now = now();
        if (now - nextFailureLog >= 0) {
            nextFailureLog = now + LOG_INTERVAL_NANOS;
            log.error("model '{}' version {} failed", config.name(), version, failure);
        }
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }
}
