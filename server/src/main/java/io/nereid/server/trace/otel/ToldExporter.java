package io.nereid.server.trace.otel;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the server's log of spans that could not be sent: the first time, and each time the number
 * has doubled. What OpenTelemetry itself would say, elsewhere and each time, is left out.
 */
final class ToldExporter implements SpanExporter {
    private static final Logger log = LoggerFactory.getLogger(ToldExporter.class);

    /** Kept, because its level is forgotten otherwise. */
    private final java.util.logging.Logger ofLibrary =
            java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

    private final SpanExporter next;
    private final String url;
    private final AtomicLong failures = new AtomicLong();

    ToldExporter(SpanExporter next, String url) {
        this.next = next;
        this.url = url;
        ofLibrary.setLevel(Level.OFF);
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = next.export(spans);
        result.whenComplete(() -> {
            if (!result.isSuccess()) {
                failed(result.getFailureThrowable());
            }
        });
        return result;
    }

    private void failed(@Nullable Throwable cause) {
        long count = failures.incrementAndGet();
        if (Long.bitCount(count) == 1) {
            log.warn(
                    "traces cannot be sent to {}, {} times until now; they are lost: {}",
                    url,
                    count,
                    String.valueOf(cause));
        }
    }

    @Override
    public CompletableResultCode flush() {
        return next.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return next.shutdown();
    }
}
