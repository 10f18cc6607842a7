package io.nereid.server.measures;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The histograms whose buckets a model's configuration may choose (metrics section 6). */
public enum HistogramFamily {
    REQUEST(
            "nv_inference_request_duration_histogram_us",
            "Inference request duration in microseconds (includes cached requests)"),
    QUEUE(
            "nv_inference_queue_duration_histogram_us",
            "Inference queuing duration in microseconds (includes cached requests)"),
    COMPUTE_INPUT(
            "nv_inference_compute_input_duration_histogram_us",
            "Compute input duration in microseconds (does not include cached requests)"),
    COMPUTE_INFER(
            "nv_inference_compute_infer_duration_histogram_us",
            "Compute inference duration in microseconds (does not include cached requests)"),
    COMPUTE_OUTPUT(
            "nv_inference_compute_output_duration_histogram_us",
            "Inference compute output duration in microseconds (does not include cached requests)"),
    FIRST_RESPONSE(
            "nv_inference_first_response_histogram_ms",
            "Duration from request to first response in milliseconds"),
    BATCH_SIZE("nereid_batch_size", "Total batch size of model executions"),
    LOAD_RATIO("nv_inference_load_ratio", "Request duration divided by compute duration");

    /** 1, 2.5 and 5 in every decade from 10 µs to 10 s. */
    private static final Buckets MICROS =
            Buckets.of(
                    List.of(
                            10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4, 2.5e4, 5e4,
                            1e5, 2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7),
                    TimeUnit.MICROSECONDS.toNanos(1));

    private static final Buckets FIRST_RESPONSES =
            Buckets.of(List.of(100.0, 500.0, 2000.0, 5000.0), 1);
    private static final Buckets BATCH_SIZES =
            Buckets.of(List.of(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0), 1);

    /** In thousandths. */
    private static final Buckets LOAD_RATIOS =
            Buckets.of(List.of(1.05, 1.1, 1.25, 1.5, 2.0, 10.0, 50.0), 1000);

    private final String familyName;
    private final String help;

    HistogramFamily(String familyName, String help) {
        this.familyName = familyName;
        this.help = help;
    }

    /** The family of that name; empty if there is none. */
    static Optional<HistogramFamily> of(String familyName) {
        return Arrays.stream(values())
                .filter(family -> family.familyName.equals(familyName))
                .findFirst();
    }

    /** Name on the metrics page. */
    public String familyName() {
        return familyName;
    }

    /** What it is, in words. */
    public String help() {
        return help;
    }

    /** Buckets where the configuration names none. */
    Buckets buckets() {
        return switch (this) {
            case REQUEST, QUEUE, COMPUTE_INPUT, COMPUTE_INFER, COMPUTE_OUTPUT -> MICROS;
            case FIRST_RESPONSE -> FIRST_RESPONSES;
            case BATCH_SIZE -> BATCH_SIZES;
            case LOAD_RATIO -> LOAD_RATIOS;
        };
    }
}
