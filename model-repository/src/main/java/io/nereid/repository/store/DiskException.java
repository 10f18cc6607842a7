package io.nereid.repository.store;

import java.io.IOException;

/** The cache's own disk fails, not the store. */
final class DiskException extends Exception {
    private static final long serialVersionUID = 1L;

    DiskException(String step, IOException cause) {
        super(step + ": " + cause, cause);
    }
}
