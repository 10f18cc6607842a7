package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;

/**
 * A model that is kept open for a request that counts as in flight: whoever lets the model go gives
 * the request's place back, too. Used by one thread at a time.
 */
public final class AdmittedLease implements ModelLease {
    private final ModelLease lease;
    private final Admission.Place place;
    private boolean left;

    AdmittedLease(@Owned ModelLease lease, @Owned Admission.Place place) {
        this.lease = lease;
        this.place = place;
    }

    @Override
    public Model model() {
        return lease.model();
    }

    @Override
    public LabelLookup labels() {
        return lease.labels();
    }

    /**
     * The request is about to be answered: who has the answer shall find the place free. The model
     * is kept until {@link #close}.
     */
    void leave() {
        left = true;
        place.close();
    }

    @Override
    public void close() {
        lease.close();
        if (!left) {
            leave();
        }
    }
}
