package io.nereid.server.main.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.protocol.Advice;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.Finding.Severity;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.TextPosition;
import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReportFormatTest {
    private static final Finding ERROR =
            new Finding(
                    Severity.ERROR,
                    FindingKind.SYNTAX,
                    "m",
                    Optional.of("my models/m/config.pbtxt"),
                    Optional.of(new TextPosition(3, 7)),
                    "imput",
                    "failed to read text proto",
                    "unknown field",
                    new Advice("a field", "imput", "write input"));
    private static final Finding WARNING =
            new Finding(
                    Severity.WARNING,
                    FindingKind.LAYOUT,
                    "",
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    "nothing \u0007here\nat all",
                    "",
                    Advice.NONE);
    private static final ValidationReport REPORT =
            new ValidationReport(List.of(ERROR, WARNING), 2, 1);

    private static String written(ReportFormat format) throws IOException {
        StringWriter text = new StringWriter();
        format.write(REPORT, text);
        return text.toString();
    }

    private static JsonNode parsed(ReportFormat format) throws IOException {
        return new ObjectMapper().readTree(written(format));
    }

    @Test
    void textIsReadByPeopleAndEditors() throws IOException {
        assertThat(written(ReportFormat.text()))
                .isEqualTo(
                        """
                        my models/m/config.pbtxt:3:7: error: failed to read text proto [syntax]
                          detail:   unknown field
                          field:    imput
                          expected: a field
                          found:    imput
                          fix:      write input

                        warning: nothing \\u0007here at all [layout]

                        2 models, 1 version ready to load: 1 error, 1 warning
                        """);
    }

    @Test
    void jsonHasTheSameMembersInEveryFinding() throws IOException {
        JsonNode report = parsed(ReportFormat.json());

        assertThat(report.get("errors").asInt()).isEqualTo(1);
        assertThat(report.get("warnings").asInt()).isEqualTo(1);
        JsonNode error = report.get("findings").get(0);
        JsonNode warning = report.get("findings").get(1);
        assertThat(error.get("line").asInt()).isEqualTo(3);
        assertThat(error.get("column").asInt()).isEqualTo(7);
        assertThat(error.get("fix").asText()).isEqualTo("write input");
        assertThat(warning.get("file").isNull()).isTrue();
        assertThat(warning.get("line").isNull()).isTrue();
        assertThat(warning.fieldNames())
                .toIterable()
                .containsExactlyElementsOf(() -> error.fieldNames());
    }

    /** What the schema of SARIF 2.1.0 requires of the objects that are written. */
    @Test
    void sarifKeepsTheRulesOfItsSchema() throws IOException {
        JsonNode log = parsed(ReportFormat.sarif());

        assertThat(log.get("version").asText()).isEqualTo("2.1.0");
        assertThat(log.get("$schema").asText()).startsWith("https://").contains("sarif-2.1.0");
        assertThat(log.get("runs")).hasSize(1);
        JsonNode run = log.get("runs").get(0);
        JsonNode driver = run.get("tool").get("driver");
        assertThat(driver.get("name").asText()).isNotEmpty();
        assertThat(driver.get("rules"))
                .hasSize(FindingKind.values().length)
                .allSatisfy(rule -> {
                    assertThat(rule.get("id").asText()).matches("[a-z]+");
                    assertThat(rule.get("shortDescription").get("text").asText()).isNotEmpty();
                });
        assertThat(run.get("columnKind").asText()).isIn("utf16CodeUnits", "unicodeCodePoints");
        assertThat(run.get("results"))
                .hasSize(2)
                .allSatisfy(result -> {
                    assertThat(result.get("message").get("text").asText()).isNotEmpty();
                    assertThat(result.get("level").asText()).isIn("error", "warning", "note");
                    assertThat(driver.get("rules").findValues("id")).contains(result.get("ruleId"));
                });
        JsonNode place = run.get("results").get(0).get("locations").get(0);
        JsonNode physical = place.get("physicalLocation");
        assertThat(physical.get("artifactLocation").get("uri").asText())
                .isEqualTo("my%20models/m/config.pbtxt");
        assertThat(physical.get("region").get("startLine").asInt()).isGreaterThanOrEqualTo(1);
        assertThat(physical.get("region").get("startColumn").asInt()).isGreaterThanOrEqualTo(1);
        assertThat(run.get("results").get(1).has("locations")).isFalse();
    }
}
