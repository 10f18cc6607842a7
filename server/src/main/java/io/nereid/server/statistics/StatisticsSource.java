package io.nereid.server.statistics;

import io.nereid.backend.Model;

/** Knows what models have done. Never blocks. Called on: any thread. */
@FunctionalInterface
public interface StatisticsSource {
    /** What this version has done since it was loaded. */
    ModelStatistics of(Model model);
}
