package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Checks OpenAPI documents against the published schema of OpenAPI 3.1. */
public final class OpenApiDocuments {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String DOCUMENTS = "https://nereid.test/openapi-3.1-base";

    private static final JsonSchemaFactory FACTORY =
            JsonSchemaFactory.getInstance(
                    SpecVersion.VersionFlag.V202012,
                    builder ->
                            builder.schemaLoaders(loaders ->
                                    loaders.schemas(
                                            Map.of(
                                                    DOCUMENTS,
                                                    resource("schema-3.1-base.json"),
                                                    "https://spec.openapis.org/oas/3.1/schema/2026-08-03",
                                                    resource("schema-3.1.json")))));

    private OpenApiDocuments() {}

    /** The document, which must be valid. */
    public static JsonNode valid(String json) throws IOException {
        JsonNode document = MAPPER.readTree(json);
        JsonSchema schema = FACTORY.getSchema(SchemaLocation.of(DOCUMENTS));
        assertThat(schema.validate(document)).as(json).isEmpty();
        return document;
    }

    /** Whether the document's schemas allow a value at the place of the schema. */
    public static boolean allows(JsonNode document, JsonNode schema, JsonNode value) {
        // the schema's references point into the document
        var root = MAPPER.createObjectNode();
        root.set("components", document.get("components"));
        root.setAll((ObjectNode) schema.deepCopy());
        return FACTORY.getSchema(root).validate(value).isEmpty();
    }

    private static String resource(String name) {
        try (InputStream in = OpenApiDocuments.class.getResourceAsStream("/openapi/" + name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
