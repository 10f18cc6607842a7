package io.nereid.server.trace;

import io.nereid.backend.Model;
import io.nereid.server.logging.BackgroundWriter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces calls: chooses them by the settings, has them written down, and hands them to a sink on a
 * thread of its own. What finds no room is dropped and told of in the log; nobody waits for it.
 */
public final class Tracing implements CallTracer, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tracing.class);

    /** Most bytes that traces may hold while they are taken and until they are written. */
    static final long MAX_BYTES = 64L << 20;

    private final TraceSettings settings;
    private final boolean distributed;
    private final LongSupplier nanoTime;
    private final Supplier<String> traceIds;
    private final TraceSink sink;
    private final BackgroundWriter writer;
    private final TraceRoom room;
    private final Recorder recorder = new Recorder();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /**
     * @param distributed whether clients decide by their headers, as {@link TraceParent}
     * @param nanoTime the clock of schedulers
     * @param traceIds makes 32 hexadecimal digits
     * @param sink closed with this
     * @param writer runs the sink; closed with this
     */
    public Tracing(
            TraceSettings settings,
            boolean distributed,
            LongSupplier nanoTime,
            Supplier<String> traceIds,
            TraceSink sink,
            BackgroundWriter writer) {
        this(settings, distributed, nanoTime, traceIds, sink, writer, new TraceRoom(MAX_BYTES));
    }

    Tracing(
            TraceSettings settings,
            boolean distributed,
            LongSupplier nanoTime,
            Supplier<String> traceIds,
            TraceSink sink,
            BackgroundWriter writer,
            TraceRoom room) {
        this.settings = settings;
        this.distributed = distributed;
        this.nanoTime = nanoTime;
        this.traceIds = traceIds;
        this.sink = sink;
        this.writer = writer;
        this.room = room;
        settings.onRetired(setting -> writer.post(() -> sink.retire(setting)));
    }

    @Override
    public long now() {
        return nanoTime.getAsLong();
    }

    @Override
    public CallTrace begin(
            TracedProtocol protocol, Model model, Function<String, Optional<String>> headers) {
        if (settings.isOff()) {
            return CallTrace.NONE;
        }
        String name = model.config().name();
        TraceSetting setting = settings.of(name);
        Optional<TraceParent> parent = distributed ? TraceParent.of(headers) : Optional.empty();
        boolean taken =
                parent.map(TraceParent::sampled).map(setting::takeDecided).orElseGet(setting::take);
        if (!taken) {
            return CallTrace.NONE;
        }
        if (!room.take(RecordedCall.REQUEST_BYTES)) {
            recorder.lost(setting, 0);
            return CallTrace.NONE;
        }
        return new RecordedCall(
                setting,
                protocol,
                parent,
                distributed ? parent.map(TraceParent::traceId).orElseGet(traceIds) : "",
                new RecordedCall.Asked(name, model.version()),
                recorder);
    }

    /** Traces that found no room. */
    public long dropped() {
        return dropped.get();
    }

    /** Writes what is complete, then closes the sink. Blocks. */
    @Override
    public void close() {
        writer.post(sink::close);
        writer.close();
    }

    private final class Recorder implements RecordedCall.Recorder {
        @Override
        public long now() {
            return nanoTime.getAsLong();
        }

        @Override
        public long nextId() {
            return ids.incrementAndGet();
        }

        @Override
        public TraceRoom room() {
            return room;
        }

        @Override
        public void completed(TracedCall call, long heldBytes) {
            writer.post(() -> {
                try {
                    sink.add(call);
                } finally {
                    room.give(heldBytes);
                }
            });
        }

        @Override
        public void lost(TraceSetting setting, long heldBytes) {
            room.give(heldBytes);
            long count = dropped.incrementAndGet();
            // the first, and then each time the number has doubled
            if (Long.bitCount(count) == 1) {
                log.warn("{} traces were dropped because {} bytes of them wait", count, MAX_BYTES);
            }
            writer.post(() -> sink.lost(setting));
        }
    }
}
