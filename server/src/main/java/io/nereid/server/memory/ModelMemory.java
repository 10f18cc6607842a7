package io.nereid.server.memory;

import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.scheduler.DeadlineTimer;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens models within the memory budget, measures what each takes, and gives memory back to the
 * system when one is closed.
 *
 * <p>What a model takes is what the C library's allocator holds more after it was opened, and no
 * less than its files have bytes. Memory that other threads allocate at the same time blurs that,
 * so the least of all measurements of a model that is opened again and again counts.
 */
public final class ModelMemory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelMemory.class);

    private final MemoryOptions options;
    private final DeadlineTimer timer;
    private final LoadMeter meter;
    private final ResidentModels residents;
    private final Semaphore permits;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("nereid-control-open-", 0).factory());

    /**
     * @param timer for requests that wait too long; stays the caller's
     * @param loadThreads lazy models that are opened at the same time
     */
    public ModelMemory(MemoryOptions options, DeadlineTimer timer, int loadThreads) {
        this(options, timer, loadThreads, NativeMemory::inUse, NativeMemory::trim);
    }

    /**
     * The same with other memory.
     *
     * @param inUse bytes that are allocated, by whomever
     * @param trim gives freed memory back to the system
     */
    ModelMemory(
            MemoryOptions options,
            DeadlineTimer timer,
            int loadThreads,
            LongSupplier inUse,
            Runnable trim) {
        this.options = options;
        this.timer = timer;
        this.meter = new LoadMeter(inUse);
        this.residents = new ResidentModels(new MemoryBudget(options.budget()), trim);
        this.permits = new Semaphore(loadThreads);
    }

    /** Opens a version's engine. */
    @FunctionalInterface
    public interface Opening {
        /** Opens it. Blocks. */
        @Owned
        Model open();
    }

    /**
     * A version, open or to be opened.
     *
     * @param afterClose to be run when the model has been closed
     */
    public record Opened(@Owned Model model, Runnable afterClose) {}

    /**
     * Opens a version now, or, if models are lazy and this one is not pinned, when it is asked.
     * Called on: control threads.
     *
     * @param measured if there is a budget, told how many bytes the version takes when it is
     *     opened, and that it takes none when it was closed to make room
     * @throws StatusException what opening throws; UNAVAILABLE if the budget has no room
     */
    public Opened open(
            ModelConfig config, ModelFiles files, Opening opening, LongConsumer measured) {
        Measured version =
                new Measured(
                        config.name(),
                        FileSizes.of(config, files),
                        opening,
                        // Clients of the reference know no memory of models on a CPU.
                        options.budget().isPresent() ? measured : _ -> {});
        if (!options.lazy() || options.pinned().contains(config.name())) {
            LazyModel.OpenModel opened = version.open();
            log.info(
                    "model '{}' version {} takes {} bytes",
                    config.name(),
                    files.version(),
                    opened.bytes());
            keep(config.name(), opened);
            return new Opened(opened.model(), () -> residents.release(opened.bytes()));
        }
        LazyModel.Opener opener =
                new LazyModel.Opener() {
                    @Override
                    public void open(LazyModel model) {
                        start(model, version);
                    }

                    @Override
                    public void close(LazyModel model) {
                        residents.close(model);
                    }
                };
        return new Opened(
                new LazyModel(config, files.version(), opener, timer, options.patience()),
                () -> {});
    }

    private void keep(String name, LazyModel.OpenModel opened) {
        boolean kept = false;
        try {
            residents.stays(name, opened.bytes());
            kept = true;
        } finally {
            if (!kept) {
                opened.close();
                residents.release(opened.bytes());
            }
        }
    }

    /** Models that were closed to make room since the start. */
    long evictions() {
        return residents.evictions();
    }

    /** Bytes that models take. */
    long taken() {
        return residents.taken();
    }

    private void start(LazyModel model, Measured version) {
        try {
            threads.execute(() -> open(model, version));
        } catch (RejectedExecutionException closed) {
            model.failed(new StatusException(StatusCode.UNAVAILABLE, "Server exiting", closed));
        }
    }

    /** One of the places that may catch everything: whoever waits for the model is told. */
    private void open(LazyModel model, Measured version) {
        permits.acquireUninterruptibly();
        try {
            LazyModel.OpenModel opened = version.open();
            if (residents.add(model, opened)) {
                log.info(
                        "opened '{}' version {}, {} bytes",
                        model.config().name(),
                        model.version(),
                        opened.bytes());
                residents.shrink(Optional.of(model));
            } else {
                model.failed(new StatusException(StatusCode.UNAVAILABLE, "Server exiting"));
            }
        } catch (StatusException e) {
            fail(model, e);
        } catch (Throwable e) {
            fail(
                    model,
                    new StatusException(StatusCode.INTERNAL, String.valueOf(e.getMessage()), e));
        } finally {
            permits.release();
        }
    }

    private static void fail(LazyModel model, StatusException reason) {
        log.error(
                "failed to open '{}' version {}: {}",
                model.config().name(),
                model.version(),
                reason.describe());
        model.failed(reason);
    }

    /** Waits for models that are being opened. Models have been closed. */
    @Override
    public void close() {
        threads.close();
    }

    /** A version that is opened once or many times, and what is known of its size. */
    private final class Measured {
        private final String name;
        private final long files;
        private final Opening opening;
        private final LongConsumer measured;

        // Written by the thread that opens the version, of which there is one at a time.
        private volatile long expected;
        private volatile boolean known;

        Measured(String name, long files, Opening opening, LongConsumer measured) {
            this.name = name;
            this.files = files;
            this.opening = opening;
            this.measured = measured;
            this.expected = files;
        }

        @Owned
        LazyModel.OpenModel open() {
            long taken = expected;
            residents.take(name, taken);
            boolean opened = false;
            try (LoadMeter.Load load = meter.begin(taken)) {
                Model model = opening.open();
                long found = Math.max(files, load.bytes());
                expected = known ? Math.min(expected, found) : found;
                known = true;
                opened = true;
                residents.settle(taken, expected);
                measured.accept(expected);
                return new LazyModel.OpenModel(model, expected, () -> measured.accept(0));
            } finally {
                if (!opened) {
                    residents.giveBack(taken);
                }
            }
        }
    }
}
