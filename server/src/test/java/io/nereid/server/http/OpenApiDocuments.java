package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.oas.OpenApi31;
import java.io.IOException;

/** Checks OpenAPI documents against the published schema of OpenAPI 3.1. */
public final class OpenApiDocuments {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PUBLISHED = "https://spec.openapis.org/";
    private static final String DOCUMENTS = PUBLISHED + "oas/3.1/schema-base/2022-10-07";

    private static final JsonSchemaFactory FACTORY =
            JsonSchemaFactory.getInstance(
                    SpecVersion.VersionFlag.V202012,
                    builder ->
                            builder.metaSchema(OpenApi31.getInstance())
                                    .schemaMappers(mappers ->
                                            mappers.mapPrefix(
                                                    PUBLISHED, "classpath:spec.openapis.org/")));

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
}
