package io.nereid.server.netty;

import io.nereid.backend.scheduler.Turns;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts off to the end of an event loop's turn what is to be done once for all that the turn brings.
 * A turn reads every connection that has something to read; after that its thread may execute a
 * little itself. On other threads, which have no turns, it is done at once.
 */
public final class LoopTurns implements Turns {
    private static final Logger log = LoggerFactory.getLogger(LoopTurns.class);

    /** For how long a loop executes requests before it reads and writes again. */
    private static final long SPARE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final FastThreadLocal<Optional<Turn>> TURN =
            new FastThreadLocal<>() {
                @Override
                protected Optional<Turn> initialValue() {
                    return Optional.empty();
                }
            };

    /** Lets the threads of event loops know that they are. */
    static void startOn(EventLoopGroup loops) {
        loops.forEach(loop -> loop.execute(() -> TURN.set(Optional.of(new Turn(loop)))));
    }

    /** Does what was put off, for something is about to take long. Any thread. */
    public static void endNow() {
        TURN.get().ifPresent(turn -> turn.end(0));
    }

    /**
     * Whether an answer may be given at once: the calling thread is the loop's, and does not
     * execute requests. Encoding answers between executions is dearer than after them.
     */
    public static boolean mayAnswerOn(EventExecutor loop) {
        return loop.inEventLoop() && !TURN.get().map(turn -> turn.ending).orElse(false);
    }

    @Override
    public void atEnd(LongConsumer work) {
        TURN.get().ifPresentOrElse(turn -> turn.add(work), () -> work.accept(0));
    }

    /** Used on its loop's thread. */
    private static final class Turn {
        private final EventExecutor loop;
        private final Queue<LongConsumer> atEnd = new ArrayDeque<>();
        private boolean ending;

        Turn(EventExecutor loop) {
            this.loop = loop;
        }

        void add(LongConsumer work) {
            atEnd.add(work);
            if (atEnd.size() > 1) {
                return;
            }
            boolean later = false;
            try {
                loop.execute(() -> end(SPARE_NANOS));
                later = true;
            } catch (RejectedExecutionException stopping) {
                log.debug("the last turn of an event loop", stopping);
            } finally {
                if (!later) {
                    end(0);
                }
            }
        }

        /** What is put off meanwhile belongs to the same turn. */
        void end(long spareNanos) {
            boolean outer = ending;
            ending = true;
            long start = System.nanoTime();
            for (LongConsumer next = atEnd.poll(); next != null; next = atEnd.poll()) {
                try {
                    next.accept(Math.max(0, spareNanos - (System.nanoTime() - start)));
                } catch (RuntimeException | Error failure) {
                    log.error("the end of an event loop's turn", failure);
                }
            }
            ending = outer;
        }
    }
}
