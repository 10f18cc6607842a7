package io.nereid.server.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recorded cases about what Nereid does not have yet. They are replayed, since later cases may
 * depend on them, and counted, but need not pass.
 */
final class Coverage {
    private static final Map<String, String> LATER = new LinkedHashMap<>();

    static {
        LATER.put("stats after", "statistics");
        LATER.put("stats all", "statistics");
        LATER.put("stats unknown", "statistics");
        LATER.put("stats post", "statistics");
        LATER.put("stats ensemble", "statistics");
        LATER.put("request gzip", "compression");
        LATER.put("binary request gzip", "compression");
        LATER.put("response accept list", "compression");
        LATER.put("seq", "sequence batching");
        LATER.put("generate", "the generate extension");
        LATER.put("trace", "tracing");
        LATER.put("log ", "log settings");
        LATER.put("repo ", "loading and unloading by request");
        LATER.put("shm ", "shared memory");
        LATER.put("cuda shm ", "shared memory");
        LATER.put("infer shm ", "shared memory");
    }

    private Coverage() {}

    /** What a case waits for; empty if it must pass now. */
    static Optional<String> waitsFor(GoldenCase golden) {
        return LATER.entrySet().stream()
                .filter(later -> golden.name().startsWith(later.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The cases that must pass now. */
    static List<GoldenCase> now(List<GoldenCase> cases) {
        return cases.stream().filter(golden -> waitsFor(golden).isEmpty()).toList();
    }
}
