package io.nereid.repository;

import java.util.List;

/**
 * What came of loading at start: the rows of the table of models.
 *
 * @param rows by model, then version
 * @param allLoaded whether every model that was to be loaded is ready
 */
public record LoadSummary(List<Row> rows, boolean allLoaded) {
    /** Copies the list. */
    public LoadSummary {
        rows = List.copyOf(rows);
    }

    /**
     * A row.
     *
     * @param model name of the model
     * @param version number, or {@code -} if no version was tried
     * @param status {@code READY}, {@code UNAVAILABLE: ...} or {@code Not loaded: ...}
     */
    public record Row(String model, String version, String status) {}
}
