package io.nereid.backend.foreign;

import io.nereid.backend.Batch;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The outputs that batches ask for. Requests for one model mostly want the same, so that what the
 * last batch wanted is kept. Used by one thread at a time.
 */
public final class WantedOutputs {
    private Set<String> asked = Set.of();
    private List<String> sorted = List.of();

    /**
     * Names of the outputs that at least one request asks for, or its sequence, in their own order:
     * so the reference answers.
     */
    public List<String> of(Batch batch) {
        if (!wantsTheSame(batch)) {
            TreeSet<String> wanted = new TreeSet<>(batch.stateOutputs());
            for (int i = 0; i < batch.size(); i++) {
                wanted.addAll(batch.request(i).requestedOutputs());
            }
            asked = Set.copyOf(wanted);
            sorted = List.copyOf(wanted);
        }
        return sorted;
    }

    /** Whether every request wants what is kept, and nothing is wanted besides. */
    private boolean wantsTheSame(Batch batch) {
        if (!batch.stateOutputs().isEmpty()) {
            return false;
        }
        for (int i = 0; i < batch.size(); i++) {
            if (!asked.equals(batch.request(i).requestedOutputs())) {
                return false;
            }
        }
        return true;
    }
}
