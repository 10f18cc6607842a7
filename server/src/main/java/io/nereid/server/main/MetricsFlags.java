package io.nereid.server.main;

import io.nereid.server.ServerOptions;
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
                    "<setting>=<value>: counter_latencies=false leaves the counters of durations"
                            + " out. Repeatable.")
    List<String> settings = new ArrayList<>();

    private boolean counterLatencies = true;

    /**
     * @param httpAddress address of the HTTP port
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Metrics options(String httpAddress) {
        if (intervalMillis <= 0) {
            throw new IllegalArgumentException(
                    "Error: --metrics-interval-ms must be greater than 0.");
        }
        List<String> unsupported = settings.stream().filter(text -> !read(text)).toList();
        return new ServerOptions.Metrics(
                allow,
                address.orElse(httpAddress),
                port,
                Duration.ofMillis(intervalMillis),
                cpu,
                counterLatencies,
                unsupported);
    }

    /** False if the setting asks for something that is not there. */
    private boolean read(String text) {
        int equals = text.indexOf('=');
        if (equals < 0 || text.substring(0, equals).contains(",")) {
            throw new IllegalArgumentException(
                    "--metrics-config option format is <setting>=<value>. Got " + text);
        }
        String value = text.substring(equals + 1);
        return switch (text.substring(0, equals)) {
            case "counter_latencies" -> readCounters(value);
            case "histogram_latencies", "summary_latencies" -> value.equals("false");
            default -> false;
        };
    }

    private boolean readCounters(String value) {
        boolean known = value.equals("true") || value.equals("false");
        counterLatencies = known ? value.equals("true") : counterLatencies;
        return known;
    }
}
