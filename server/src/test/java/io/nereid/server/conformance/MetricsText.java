package io.nereid.server.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A page of metrics: its families, and its series with their values. Two pages are compared without
 * regard to order, and to what time and machine make of values.
 */
final class MetricsText {
    private static final String FAILURE = "nv_inference_request_failure";

    /** Families that the reference has not (docs/differences.md). */
    private static final Pattern OWN =
            Pattern.compile(
                    "nereid_.*|nv_inference_(request|queue|compute_(input|infer|output))"
                            + "_duration_histogram_us");

    private final Map<String, String> heads = new TreeMap<>();
    private final Map<String, Double> series = new TreeMap<>();

    MetricsText(String page) {
        page.lines().forEach(this::add);
    }

    private void add(String line) {
        if (line.startsWith("# ")) {
            String[] words = line.split(" ", 4);
            heads.put(words[1] + " " + words[2], words[3]);
            return;
        }
        int end = line.lastIndexOf(' ');
        Double before = series.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
        if (before != null) {
            throw new IllegalArgumentException("twice on one page: " + line);
        }
    }

    /** What differs from a recorded page; empty if nothing that counts does. */
    Optional<String> difference(MetricsText recorded) {
        dropOwnFamilies();
        dropCacheOfModelsLoadedAnew(recorded);
        if (!heads.equals(recorded.heads)) {
            return Optional.of("families " + heads + "\nexpected " + recorded.heads);
        }
        recorded.dropFailuresOfUnloadedModels();
        if (!series.keySet().equals(recorded.series.keySet())) {
            TreeSet<String> missing = new TreeSet<>(recorded.series.keySet());
            missing.removeAll(series.keySet());
            TreeSet<String> more = new TreeSet<>(series.keySet());
            more.removeAll(recorded.series.keySet());
            return Optional.of("series missing " + missing + "\ntoo many " + more);
        }
        return recorded.series.entrySet().stream()
                .filter(each -> !isRight(each.getKey(), each.getValue()))
                .map(each ->
                        each.getKey()
                                + " is "
                                + series.get(each.getKey())
                                + ", expected "
                                + each.getValue())
                .findFirst();
    }

    private void dropOwnFamilies() {
        List<String> own =
                heads.keySet().stream()
                        .filter(head -> head.startsWith("TYPE "))
                        .map(head -> head.substring("TYPE ".length()))
                        .filter(OWN.asMatchPredicate())
                        .toList();
        for (String family : own) {
            heads.remove("HELP " + family);
            heads.remove("TYPE " + family);
            series.keySet()
                    .removeIf(name -> name.matches(family + "(_count|_sum|_bucket)?(\\{.*)?"));
        }
    }

    /** The reference forgets to take them away (docs/differences.md). */
    private void dropFailuresOfUnloadedModels() {
        series.keySet()
                .removeIf(name ->
                        name.startsWith(FAILURE) && !series.containsKey(successOfSame(name)));
    }

    /**
     * A version that is loaded anew with the cache goes on without these series in the reference if
     * it was first loaded without (docs/differences.md).
     */
    private void dropCacheOfModelsLoadedAnew(MetricsText recorded) {
        if (recorded.heads.keySet().stream().noneMatch(MetricsText::isCacheOfModel)) {
            heads.keySet().removeIf(MetricsText::isCacheOfModel);
            series.keySet().removeIf(MetricsText::isCacheOfModel);
        }
    }

    private static boolean isCacheOfModel(String text) {
        return text.contains("nv_cache_") && text.contains("_per_model");
    }

    private static String successOfSame(String failure) {
        return failure.replace(FAILURE, "nv_inference_request_success")
                .replaceFirst("reason=\"[A-Z]+\",", "");
    }

    private boolean isRight(String name, double recorded) {
        double found = series.getOrDefault(name, Double.NaN);
        if (name.startsWith("nv_cpu_")) {
            return found >= 0;
        }
        boolean measured =
                name.startsWith("nv_inference_request_duration_us")
                        || name.startsWith("nv_model_load_duration_secs");
        if (measured) {
            return recorded > 0 ? found > 0 : found == 0;
        }
        // A phase may be too short for a microsecond.
        boolean phase =
                name.contains("_duration_us")
                        || name.equals("nv_cache_lookup_duration")
                        || name.equals("nv_cache_insertion_duration");
        return (phase && recorded > 0) ? found >= 0 : found == recorded;
    }
}
