package io.nereid.load.report;

import java.util.List;

/**
 * What reports need to know beside results.
 *
 * @param title what was measured, in one line
 * @param batch inferences of each request
 * @param percentile the latency that has to be stable; 0 for the mean
 * @param rates whether loads are rates, not numbers of requests under way
 * @param cached whether the model has a response cache
 * @param verbose whether to say more than is mostly wanted
 */
public record ReportOptions(
        String title, int batch, int percentile, boolean rates, boolean cached, boolean verbose) {
    private static final List<Integer> PERCENTILES = List.of(50, 90, 95, 99);

    /** The percentiles that are shown, smallest first. */
    List<Integer> percentiles() {
        if (percentile == 0 || PERCENTILES.contains(percentile)) {
            return PERCENTILES;
        }
        List<Integer> all = new java.util.ArrayList<>(PERCENTILES);
        all.add(percentile);
        all.sort(Integer::compare);
        return all;
    }
}
