package io.nereid.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nereid.server.logging.BackgroundWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the access log to a stream, on a thread of its own. When the stream is slower than the
 * calls, lines are left out, and the server's log says how many. Any thread.
 */
public final class AccessFile implements AccessLog, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessFile.class);

    /** Most lines that wait. */
    private static final int CAPACITY = 1 << 16;

    private final OutputStream out;
    private final boolean json;
    private final InstantSource time;
    private final LongSupplier nanoTime;
    private final BackgroundWriter writer;
    private final AtomicLong failures = new AtomicLong();

    /**
     * @param out closed with this
     * @param json whether lines are JSON objects
     * @param time the time of day
     * @param nanoTime the clock of schedulers
     */
    public AccessFile(OutputStream out, boolean json, InstantSource time, LongSupplier nanoTime) {
        this.out = out;
        this.json = json;
        this.time = time;
        this.nanoTime = nanoTime;
        this.writer = new BackgroundWriter("nereid-access-log", CAPACITY, this::flush);
    }

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public AccessRecord begin(String protocol, String method, String target, String client) {
        return new OpenRecord(
                new OpenRecord.Start(time.instant(), nanoTime.getAsLong()),
                nanoTime,
                this::write,
                protocol,
                method,
                target,
                client);
    }

    private void write(AccessLine line) {
        if (!writer.offer(() -> print(line))) {
            tellNowAndThen(
                    writer.refused(), "{} lines of the access log were left out, it is too slow");
        }
    }

    private void print(AccessLine line) {
        try {
            out.write(((json ? line.json() : line.plain()) + "\n").getBytes(UTF_8));
        } catch (IOException e) {
            failed(e);
        }
    }

    private void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException failure) {
        log.debug("access log", failure);
        tellNowAndThen(failures.incrementAndGet(), "the access log cannot be written, {} times");
    }

    /** The first time, and then each time the number has doubled. */
    private static void tellNowAndThen(long count, String text) {
        if (Long.bitCount(count) == 1) {
            log.warn(text, count);
        }
    }

    /** Writes what waits. Blocks. */
    @Override
    public void close() {
        writer.close();
        try {
            out.close();
        } catch (IOException e) {
            failed(e);
        }
    }
}
