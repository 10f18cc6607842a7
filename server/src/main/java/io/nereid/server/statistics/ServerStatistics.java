package io.nereid.server.statistics;

import io.nereid.backend.Model;

/** Reads the counters that each version brings along. */
public final class ServerStatistics implements StatisticsSource {
    @Override
    public ModelStatistics of(Model model) {
        if (!(model instanceof CountedModel counted)) {
            throw new IllegalStateException(
                    "nothing is counted of model '" + model.config().name() + "'");
        }
        return counted.counters().read(model.config().name(), model.version());
    }
}
