package io.nereid.server.measures;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelMetrics.MetricControl;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The buckets of a model's histograms: its own where {@code model_metrics} names some. */
final class BucketChoice {
    private static final Logger log = LoggerFactory.getLogger(BucketChoice.class);

    /** The families' own. */
    static final BucketChoice NONE = new BucketChoice();

    private final Map<HistogramFamily, Buckets> chosen = new EnumMap<>(HistogramFamily.class);

    private BucketChoice() {}

    /** Reads a configuration, and says which families in it are unknown (metrics section 6). */
    static BucketChoice of(ModelConfig config) {
        BucketChoice choice = new BucketChoice();
        for (MetricControl control : config.message().getModelMetrics().getMetricControlList()) {
            String name = control.getMetricIdentifier().getFamily();
            HistogramFamily.of(name)
                    .ifPresentOrElse(
                            family ->
                                    choice.chosen.put(
                                            family,
                                            family.buckets()
                                                    .withLimits(
                                                            control.getHistogramOptions()
                                                                    .getBucketsList())),
                            () ->
                                    log.warn(
                                            "Metric family '{}' in 'metric_identifier' is not a"
                                                    + " customizable metric in Triton core.",
                                            name));
        }
        return choice;
    }

    /** Buckets for a family. */
    Buckets of(HistogramFamily family) {
        return Optional.ofNullable(chosen.get(family)).orElse(family.buckets());
    }
}
