package io.nereid.server.trace;

import java.util.Map;
import java.util.Set;

/**
 * How tracing begins (metrics section 10).
 *
 * @param mode {@code triton} or {@code opentelemetry}
 * @param levels none for off
 * @param rate every how many requests one is traced
 * @param count traces to take, -1 for no end
 * @param logFrequency traces per file, 0 for one file
 * @param file where traces go in mode {@code triton}
 * @param modeOptions further options of the mode, as given
 */
public record TraceOptions(
        String mode,
        Set<TraceLevel> levels,
        long rate,
        long count,
        long logFrequency,
        String file,
        Map<String, String> modeOptions) {
    /** The mode that writes files. */
    public static final String TRITON = "triton";

    /** The mode that sends spans. */
    public static final String OPEN_TELEMETRY = "opentelemetry";

    /** The same, without tracing at first. */
    public TraceOptions off() {
        return new TraceOptions(mode, Set.of(), rate, count, logFrequency, file, modeOptions);
    }
}
