package io.nereid.server.main;

import io.nereid.server.trace.TraceOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/**
 * Flags of tracing: {@code --trace-config}, and those that it has replaced, which still count where
 * it says nothing (cli section 2).
 */
final class TraceFlags {
    private static final Logger log = LoggerFactory.getLogger(TraceFlags.class);

    @Option(
            names = "--trace-config",
            description =
                    "[<mode>,]<setting>=<value>: level, rate, count, mode; triton,file;"
                            + " triton,log-frequency; opentelemetry,url; opentelemetry,resource;"
                            + " opentelemetry,bsp_max_queue_size; opentelemetry,bsp_schedule_delay;"
                            + " opentelemetry,bsp_max_export_batch_size. Repeatable.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--trace-file", description = "Deprecated form of triton,file.")
    private Optional<String> file = Optional.empty();

    @Option(names = "--trace-level", description = "Deprecated form of level. Repeatable.")
    private List<String> levels = new ArrayList<>();

    @Option(names = "--trace-rate", description = "Deprecated form of rate.")
    private Optional<String> rate = Optional.empty();

    @Option(names = "--trace-count", description = "Deprecated form of count.")
    private Optional<String> count = Optional.empty();

    @Option(
            names = "--trace-log-frequency",
            description = "Deprecated form of triton,log-frequency.")
    private Optional<String> logFrequency = Optional.empty();

    /**
     * How tracing begins.
     *
     * @throws IllegalArgumentException with the text for the user
     */
    TraceOptions options(Map<String, String> environment) {
        List<String> all = new ArrayList<>();
        replace("--trace-file", "triton,file", "<path/to/your/file>", file.stream().toList(), all);
        replace("--trace-level", "level", "<OFF|TIMESTAMPS|TENSORS>", levels, all);
        replace("--trace-rate", "rate", "<rate value>", rate.stream().toList(), all);
        replace("--trace-count", "count", "<count value>", count.stream().toList(), all);
        replace(
                "--trace-log-frequency",
                "triton,log-frequency",
                "<log frequency value>",
                logFrequency.stream().toList(),
                all);
        all.addAll(settings);
        TraceOptions options = TraceConfig.read(all, environment);
        return isSwitchedOff() ? options.off() : options;
    }

    /** Of the old flag {@code OFF} goes before everything else. */
    private boolean isSwitchedOff() {
        return levels.stream()
                .map(level -> level.toLowerCase(Locale.ROOT))
                .anyMatch(level -> level.equals("off") || level.equals("false"));
    }

    private void replace(
            String flag, String setting, String form, List<String> values, List<String> all) {
        if (values.isEmpty()) {
            return;
        }
        log.warn(
                "Warning: '{}' has been deprecated and will be removed in future releases. Please"
                        + " use '--trace-config {}={} instead.",
                flag,
                setting,
                form);
        if (settings.stream().anyMatch(given -> given.startsWith(setting + "="))) {
            log.warn(
                    "Warning: Overriding deprecated '{}' in favor of provided {} in"
                            + " --trace-config!",
                    flag,
                    setting);
        } else {
            values.forEach(value -> all.add(setting + "=" + value));
        }
    }
}
