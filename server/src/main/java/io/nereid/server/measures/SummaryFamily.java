package io.nereid.server.measures;

/** The summaries of a version's durations, in microseconds (metrics section 6). */
public enum SummaryFamily {
    REQUEST(
            "nv_inference_request_summary_us",
            "Summary of inference request duration in microseconds (includes cached requests)"),
    QUEUE(
            "nv_inference_queue_summary_us",
            "Summary of inference queuing duration in microseconds (includes cached requests)"),
    COMPUTE_INPUT(
            "nv_inference_compute_input_summary_us",
            "Summary of compute input duration in microseconds (does not include cached requests)"),
    COMPUTE_INFER(
            "nv_inference_compute_infer_summary_us",
            "Summary of compute inference duration in microseconds (does not include cached"
                    + " requests)"),
    COMPUTE_OUTPUT(
            "nv_inference_compute_output_summary_us",
            "Summary of inference compute output duration in microseconds (does not include cached"
                    + " requests)"),
    CACHE_HIT(
            "nv_cache_hit_summary_per_model",
            "Summary of cache hit duration per model, in microseconds"),
    CACHE_MISS(
            "nv_cache_miss_summary_per_model",
            "Summary of cache miss (insert+lookup) duration per model, in microseconds");

    private final String familyName;
    private final String help;

    SummaryFamily(String familyName, String help) {
        this.familyName = familyName;
        this.help = help;
    }

    /**
     * Whether a version shows it.
     *
     * @param cached whether the version answers from the response cache
     */
    public boolean isShown(boolean cached) {
        return switch (this) {
            case REQUEST -> !cached;
            case CACHE_HIT, CACHE_MISS -> cached;
            case QUEUE, COMPUTE_INPUT, COMPUTE_INFER, COMPUTE_OUTPUT -> true;
        };
    }

    /** Name on the metrics page. */
    public String familyName() {
        return familyName;
    }

    /** What it is, in words. */
    public String help() {
        return help;
    }
}
