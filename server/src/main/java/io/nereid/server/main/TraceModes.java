package io.nereid.server.main;

import io.nereid.server.logging.BackgroundWriter;
import io.nereid.server.trace.TraceOptions;
import io.nereid.server.trace.TraceSettings;
import io.nereid.server.trace.TraceSink;
import io.nereid.server.trace.Tracing;
import io.nereid.server.trace.file.TraceFile;
import io.nereid.server.trace.file.TraceFiles;
import io.nereid.server.trace.otel.SpanExport;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Where traces go in each mode (metrics sections 10 and 12). */
final class TraceModes {
    private TraceModes() {}

    /** Traces as the options say; to be closed. */
    static Tracing open(TraceOptions options, TraceSettings settings) {
        boolean distributed = options.mode().equals(TraceOptions.OPEN_TELEMETRY);
        return new Tracing(
                settings,
                distributed,
                System::nanoTime,
                TraceModes::newTraceId,
                sink(options, distributed),
                new BackgroundWriter("nereid-trace", 0, () -> {}));
    }

    /** What only OpenTelemetry needs is loaded in that mode only. */
    private static TraceSink sink(TraceOptions options, boolean distributed) {
        if (distributed) {
            long wallMinusMonotonic =
                    TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
            return SpanExport.open(options.modeOptions(), wallMinusMonotonic);
        }
        return new TraceFiles(new TraceFile(Path.of(options.file()), System::nanoTime));
    }

    private static String newTraceId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        // an id of zeros is none
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1);
    }
}
