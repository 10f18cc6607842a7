package io.nereid.server.main.validation;

import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;

/** One paragraph for each finding, then a summary. */
final class TextReport implements ReportFormat {
    @Override
    public void write(ValidationReport report, Writer target) throws IOException {
        for (Finding finding : report.findings()) {
            target.write(paragraph(finding));
        }
        target.write(
                counted(report.models(), "model")
                        + ", "
                        + counted(report.versions(), "version")
                        + " ready to load: "
                        + counted(report.errors(), "error")
                        + ", "
                        + counted(report.warnings(), "warning")
                        + "\n");
    }

    private static String paragraph(Finding finding) {
        StringBuilder text = new StringBuilder();
        String place = finding.place();
        text.append(Printable.of(place)).append(place.isEmpty() ? "" : ": ");
        text.append(finding.severity().name().toLowerCase(Locale.ROOT)).append(": ");
        text.append(Printable.of(finding.message()));
        text.append(" [").append(finding.kind().id()).append("]\n");
        line(text, "detail", finding.detail());
        line(text, "field", finding.field());
        line(text, "expected", finding.advice().expected());
        line(text, "found", finding.advice().found());
        line(text, "fix", finding.advice().fix());
        return text.append('\n').toString();
    }

    private static void line(StringBuilder text, String label, String value) {
        if (!value.isEmpty()) {
            text.append("  ").append(label).append(": ");
            text.append(" ".repeat("expected".length() - label.length()));
            text.append(Printable.of(value)).append('\n');
        }
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
