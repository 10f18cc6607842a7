package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import io.nereid.server.measures.MeasureSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags of the metrics port (cli section 2, metrics section 1). */
final class MetricsFlags {
    @Option(
            names = "--allow-metrics",
            converter = OptionValues.Bool.class,
            description = "Serve metrics.")
    boolean allow = true;

    @Option(
            names = "--allow-cpu-metrics",
            converter = OptionValues.Bool.class,
            description = "Show how busy processors and memory of the machine are.")
    boolean cpu = true;

    @Option(
            names = "--allow-gpu-metrics",
            converter = OptionValues.Bool.class,
            description = "Accepted; there are no metrics of GPUs.")
    @SuppressWarnings("UnusedVariable") // accepted, not read
    private boolean gpu = true;

    @Option(
            names = "--metrics-address",
            description = "Address to listen on. Default: that of --http-address.")
    Optional<String> address = Optional.empty();

    @Option(
            names = "--metrics-port",
            converter = OptionValues.Int.class,
            description = "Port to listen on.")
    int port = 8002;

    @Option(
            names = "--metrics-interval-ms",
            converter = OptionValues.Int.class,
            description = "Time in which the machine is looked at twice, in milliseconds.")
    int intervalMillis = 2000;

    @Option(
            names = "--metrics-config",
            description =
                    "<setting>=<value>, repeatable: counter_latencies=false leaves the counters of"
                            + " durations out, histograms=false their histograms;"
                            + " histogram_latencies=true adds a histogram of first responses,"
                            + " summary_latencies=true summaries with the quantiles of"
                            + " summary_quantiles=<rank>:<error>,...")
    List<String> settings = new ArrayList<>();

    @Option(
            names = "--legacy-metrics",
            converter = OptionValues.Bool.class,
            description =
                    "Show nv_inference_compute_duration_us and nv_inference_load_ratio too, which"
                            + " old dashboards ask for.")
    boolean legacy;

    /**
     * @param httpAddress address of the HTTP port
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Metrics options(String httpAddress) {
        if (intervalMillis <= 0) {
            throw new IllegalArgumentException(
                    "Error: --metrics-interval-ms must be greater than 0.");
        }
        MetricsSettings read = new MetricsSettings();
        settings.forEach(read::add);
        return new ServerOptions.Metrics(
                allow,
                address.orElse(httpAddress),
                port,
                Duration.ofMillis(intervalMillis),
                cpu,
                read.counterLatencies(),
                legacy,
                allow ? read.measures(legacy) : MeasureSettings.NONE,
                read.ineffective());
    }
}
