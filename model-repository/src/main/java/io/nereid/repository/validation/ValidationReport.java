package io.nereid.repository.validation;

import java.util.List;

/**
 * What came of checking repositories.
 *
 * @param findings sorted by model, then place
 * @param models models that were looked at
 * @param versions versions of them whose files were opened without a complaint
 */
public record ValidationReport(List<Finding> findings, int models, int versions) {
    /** Copies the list. */
    public ValidationReport {
        findings = List.copyOf(findings);
    }

    /** Findings because of which a model cannot be loaded. */
    public long errors() {
        return findings.stream().filter(Finding::isError).count();
    }

    /** The other findings. */
    public long warnings() {
        return findings.size() - errors();
    }
}
