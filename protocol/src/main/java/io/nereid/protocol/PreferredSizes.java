package io.nereid.protocol;

import java.util.List;

/** The rule of preferred batch sizes, which dynamic and sequence batching share. */
final class PreferredSizes {
    /** Takes a size that breaks the rule. */
    interface Breach {
        void accept(int index, String text, Advice advice);
    }

    private PreferredSizes() {}

    static void check(List<Integer> sizes, int maxBatchSize, Breach breaches) {
        for (int i = 0; i < sizes.size(); i++) {
            int size = sizes.get(i);
            if (size <= 0) {
                breaches.accept(
                        i,
                        "must be positive",
                        new Advice("1 or more", String.valueOf(size), "remove it"));
            } else if (size > maxBatchSize) {
                breaches.accept(
                        i,
                        "must be <= max batch size",
                        new Advice(
                                "at most max_batch_size, which is " + maxBatchSize,
                                String.valueOf(size),
                                maxBatchSize == 0
                                        ? "set max_batch_size: it must be written where preferred"
                                                + " sizes are"
                                        : "lower this size, or raise max_batch_size if the model"
                                                + " can"));
            }
        }
    }
}
