package io.nereid.server.main.validation;

import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.io.Writer;

/** A form of a report. */
@FunctionalInterface
public interface ReportFormat {
    /**
     * Writes a report.
     *
     * @param target stays open
     * @throws IOException if the target cannot be written to
     */
    void write(ValidationReport report, Writer target) throws IOException;

    /** For people and for editors: {@code file:line:column: error: message}. */
    static ReportFormat text() {
        return new TextReport();
    }

    /** For scripts. */
    static ReportFormat json() {
        return new JsonReport();
    }

    /** For code scanning services: SARIF 2.1.0. */
    static ReportFormat sarif() {
        return new SarifReport();
    }
}
