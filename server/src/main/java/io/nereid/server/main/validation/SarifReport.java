package io.nereid.server.main.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.TextPosition;
import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;

/** The static analysis results interchange format, version 2.1.0: one run, a rule for each kind. */
final class SarifReport implements ReportFormat {
    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
    private static final JsonFactory FACTORY =
            JsonFactory.builder().configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false).build();

    @Override
    public void write(ValidationReport report, Writer target) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(target)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("$schema", SCHEMA);
            json.writeStringField("version", "2.1.0");
            json.writeArrayFieldStart("runs");
            json.writeStartObject();
            writeTool(json);
            // Columns count UTF-16 code units, which is what the lexer counts.
            json.writeStringField("columnKind", "utf16CodeUnits");
            json.writeArrayFieldStart("results");
            for (Finding finding : report.findings()) {
                writeResult(finding, json);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        target.write('\n');
    }

    private static void writeTool(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("tool");
        json.writeObjectFieldStart("driver");
        json.writeStringField("name", "nereid validate");
        json.writeArrayFieldStart("rules");
        for (FindingKind kind : FindingKind.values()) {
            json.writeStartObject();
            json.writeStringField("id", kind.id());
            writeText(json, "shortDescription", kind.description());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void writeResult(Finding finding, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("ruleId", finding.kind().id());
        json.writeStringField("level", finding.severity().name().toLowerCase(Locale.ROOT));
        writeText(json, "message", message(finding));
        if (finding.file().isPresent()) {
            json.writeArrayFieldStart("locations");
            json.writeStartObject();
            writePlace(finding, finding.file().get(), json);
            writeField(finding, json);
            json.writeEndObject();
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writePlace(Finding finding, String file, JsonGenerator json)
            throws IOException {
        json.writeObjectFieldStart("physicalLocation");
        json.writeObjectFieldStart("artifactLocation");
        json.writeStringField("uri", uri(file));
        json.writeEndObject();
        if (finding.position().isPresent()) {
            TextPosition position = finding.position().get();
            json.writeObjectFieldStart("region");
            json.writeNumberField("startLine", position.line());
            json.writeNumberField("startColumn", position.column());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void writeField(Finding finding, JsonGenerator json) throws IOException {
        if (!finding.field().isEmpty()) {
            json.writeArrayFieldStart("logicalLocations");
            json.writeStartObject();
            json.writeStringField("fullyQualifiedName", finding.field());
            json.writeEndObject();
            json.writeEndArray();
        }
    }

    private static void writeText(JsonGenerator json, String name, String text) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("text", text);
        json.writeEndObject();
    }

    private static String message(Finding finding) {
        StringBuilder text = new StringBuilder(Printable.of(finding.message()));
        add(text, "", finding.detail());
        add(text, "Expected: ", finding.advice().expected());
        add(text, "Found: ", finding.advice().found());
        add(text, "Fix: ", finding.advice().fix());
        return text.toString();
    }

    private static void add(StringBuilder text, String label, String part) {
        if (!part.isEmpty()) {
            text.append('\n').append(label).append(Printable.of(part));
        }
    }

    /** A relative path stays relative, so that a service finds it in its check-out. */
    private static String uri(String place) {
        if (place.contains("://")) {
            return place;
        }
        Path file = Path.of(place);
        if (file.isAbsolute()) {
            return file.toUri().toString();
        }
        try {
            return new URI(null, null, file.toString(), null).toString();
        } catch (URISyntaxException e) {
            return file.toUri().toString();
        }
    }
}
