package io.nereid.server.main.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.TextPosition;
import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;
import java.util.Optional;

/**
 * A JSON object: counts, and a list of findings whose members are always there, null if unknown.
 */
final class JsonReport implements ReportFormat {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false).build();

    @Override
    public void write(ValidationReport report, Writer target) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(target)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("models", report.models());
            json.writeNumberField("versions", report.versions());
            json.writeNumberField("errors", report.errors());
            json.writeNumberField("warnings", report.warnings());
            json.writeArrayFieldStart("findings");
            for (Finding finding : report.findings()) {
                write(finding, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        target.write('\n');
    }

    private static void write(Finding finding, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("severity", finding.severity().name().toLowerCase(Locale.ROOT));
        json.writeStringField("kind", finding.kind().id());
        json.writeStringField("model", finding.model());
        text(json, "file", finding.file().orElse(""));
        number(json, "line", finding.position().map(TextPosition::line));
        number(json, "column", finding.position().map(TextPosition::column));
        text(json, "field", finding.field());
        json.writeStringField("message", finding.message());
        text(json, "detail", finding.detail());
        text(json, "expected", finding.advice().expected());
        text(json, "found", finding.advice().found());
        text(json, "fix", finding.advice().fix());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, String value) throws IOException {
        if (value.isEmpty()) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    private static void number(JsonGenerator json, String name, Optional<Integer> value)
            throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.get());
        } else {
            json.writeNullField(name);
        }
    }
}
