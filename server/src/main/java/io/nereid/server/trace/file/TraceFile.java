package io.nereid.server.trace.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that traces are written to (metrics section 10): a plain one, which grows until the
 * server stops, and numbered ones, which are written as a whole. Each is a JSON array. What cannot
 * be written is lost, and the log says so, not too often. Used by one thread at a time.
 */
public final class TraceFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TraceFile.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path path;
    private final LongSupplier nanoTime;
    private Optional<Writer> plain = Optional.empty();
    private int next;
    private long failures;
    private long nextFailureLog;

    /**
     * @param path of the plain file; the others have a number behind it
     * @param nanoTime a clock in nanoseconds
     */
    public TraceFile(Path path, LongSupplier nanoTime) {
        this.path = path;
        this.nanoTime = nanoTime;
        this.nextFailureLog = nanoTime.getAsLong();
    }

    /** Appends to the plain file, which is made anew at the first time. */
    void append(String objects) {
        try {
            boolean begun = plain.isPresent();
            if (!begun) {
                plain = Optional.of(Files.newBufferedWriter(path, UTF_8));
            }
            Writer writer = plain.get();
            writer.write(begun ? "," : "[");
            writer.write(objects);
            writer.flush();
        } catch (IOException e) {
            failed(path, e);
        }
    }

    /** Writes the next numbered file. */
    void writeNext(String objects) {
        Path numbered = path.resolveSibling(path.getFileName() + "." + next);
        next++;
        try {
            Files.writeString(numbered, "[" + objects + "]", UTF_8);
        } catch (IOException e) {
            failed(numbered, e);
        }
    }

    /** Ends the plain file. */
    @Override
    public void close() {
        if (plain.isEmpty()) {
            return;
        }
        try (Writer writer = plain.get()) {
            writer.write("]");
        } catch (IOException e) {
            failed(path, e);
        }
    }

    private void failed(Path file, IOException failure) {
        failures++;
        long now = nanoTime.getAsLong();
        if (now - nextFailureLog >= 0) {
            nextFailureLog = now + LOG_INTERVAL_NANOS;
            log.error(
                    "traces cannot be written to {}, {} times until now; they are lost: {}",
                    file,
                    failures,
                    failure.toString());
        }
    }
}
