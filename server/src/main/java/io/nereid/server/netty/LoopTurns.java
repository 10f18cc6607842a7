package io.nereid.server.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts off to the end of an event loop's turn what is to be done once for all that the turn brings.
 * A turn reads every connection that has something to read. On other threads, which have no turns,
 * it is done at once.
 */
public final class LoopTurns implements Executor {
    private static final Logger log = LoggerFactory.getLogger(LoopTurns.class);

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
        TURN.get().ifPresent(Turn::end);
    }

    @Override
    public void execute(Runnable work) {
        TURN.get().ifPresentOrElse(turn -> turn.add(work), work);
    }

    /** Used on its loop's thread. */
    private static final class Turn {
        private final EventExecutor loop;
        private final Queue<Runnable> atEnd = new ArrayDeque<>();

        Turn(EventExecutor loop) {
            this.loop = loop;
        }

        void add(Runnable work) {
            atEnd.add(work);
            if (atEnd.size() > 1) {
                return;
            }
            boolean later = false;
            try {
                loop.execute(this::end);
                later = true;
            } catch (RejectedExecutionException stopping) {
                log.debug("the last turn of an event loop", stopping);
            } finally {
                if (!later) {
                    end();
                }
            }
        }

        void end() {
            Runnable next = atEnd.poll();
            if (next != null) {
                try {
                    next.run();
                } finally {
                    end();
                }
            }
        }
    }
}
