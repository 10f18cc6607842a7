package io.nereid.server.main;

import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.MeasureSettings.Quantile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the values of {@code --metrics-config} say together (metrics section 1). */
final class MetricsSettings {
    private static final List<Quantile> DEFAULT_QUANTILES =
            List.of(
                    new Quantile(0.5, 0.05),
                    new Quantile(0.9, 0.01),
                    new Quantile(0.95, 0.001),
                    new Quantile(0.99, 0.001),
                    new Quantile(0.999, 0.001));

    private final List<String> ineffective = new ArrayList<>();
    private boolean counterLatencies = true;
    private boolean histograms = true;
    private boolean firstResponses;
    private boolean summaries;
    private List<Quantile> quantiles = DEFAULT_QUANTILES;

    /**
     * Reads one value; of several for a setting the last holds.
     *
     * @throws IllegalArgumentException if it has not the form of a setting
     */
    void add(String text) {
        int equals = text.indexOf('=');
        if (equals < 0 || text.substring(0, equals).contains(",")) {
            throw new IllegalArgumentException(
                    "--metrics-config option format is <setting>=<value>. Got " + text);
        }
        String value = text.substring(equals + 1);
        switch (text.substring(0, equals)) {
            case "counter_latencies" -> counterLatencies = flag(text, value, counterLatencies);
            case "histograms" -> histograms = flag(text, value, histograms);
            case "histogram_latencies" -> firstResponses = flag(text, value, firstResponses);
            case "summary_latencies" -> summaries = flag(text, value, summaries);
            case "summary_quantiles" -> quantiles = quantiles(value);
            default -> ineffective.add(text);
        }
    }

    /** Only {@code true} and {@code false} say anything. */
    private boolean flag(String text, String value, boolean before) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                ineffective.add(text);
                yield before;
            }
        };
    }

    /** Those of them that can be read. */
    private List<Quantile> quantiles(String value) {
        List<Quantile> read = new ArrayList<>();
        for (String item : value.split(",")) {
            Optional<Quantile> quantile = quantile(item);
            quantile.ifPresentOrElse(read::add, () -> ineffective.add("summary_quantiles=" + item));
        }
        return read;
    }

    private static Optional<Quantile> quantile(String item) {
        String[] parts = item.split(":", -1);
        if (parts.length != 2) {
            return Optional.empty();
        }
        try {
            double rank = Double.parseDouble(parts[0]);
            double error = Double.parseDouble(parts[1]);
            return isShare(rank) && isShare(error)
                    ? Optional.of(new Quantile(rank, error))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean isShare(double value) {
        return value >= 0 && value <= 1;
    }

    /** Whether counters of durations are shown. */
    boolean counterLatencies() {
        return counterLatencies;
    }

    /**
     * What is measured besides.
     *
     * @param loadRatios {@code --legacy-metrics}
     */
    MeasureSettings measures(boolean loadRatios) {
        return new MeasureSettings(
                histograms, firstResponses, summaries ? quantiles : List.of(), loadRatios);
    }

    /** What was given and says nothing, in order. */
    List<String> ineffective() {
        return List.copyOf(ineffective);
    }
}
