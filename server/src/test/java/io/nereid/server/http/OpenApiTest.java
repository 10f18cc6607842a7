package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ODD = "a \"b\"{c}\u00e9%2F~1";
    private static final String ODD_PATH = "/v2/models/a%20%22b%22%7Bc%7D%C3%A9%252F~1";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(everyType(), 1));
        fixture.catalog().add(FakeModel.echo(FakeModel.config(ODD, 8, 2), 1));
        fixture.catalog().add(FakeModel.echo(FakeModel.config("openapi.json", 0, 1), 1));
        fixture.catalog().add(FakeModel.echo(decoupled(), 4));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 1 << 20));
    }

    /** A model with one input of each type, with fixed and open dimensions. */
    private static ModelConfig everyType() {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("types", 4, 0);
        for (DataType type : DataType.values()) {
            if (type != DataType.TYPE_INVALID && type != DataType.UNRECOGNIZED) {
                message.addInputBuilder()
                        .setName("X_" + type)
                        .setDataType(type)
                        .addDims(2)
                        .addDims(-1)
                        .addDims(3);
                message.addOutputBuilder()
                        .setName("Y_" + type)
                        .setDataType(type)
                        .addDims(2)
                        .addDims(-1)
                        .addDims(3);
            }
        }
        return ModelConfig.of(message.build());
    }

    private static ModelConfig decoupled() {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("many", 0, 1);
        message.addInputBuilder().setName("text").setDataType(DataType.TYPE_STRING).addDims(1);
        message.getModelTransactionPolicyBuilder().setDecoupled(true);
        return ModelConfig.of(message.build());
    }

    private JsonNode document(String path) throws IOException {
        RawClient.Reply reply = http.get(path);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        byte[] utf8 = reply.body().getBytes(StandardCharsets.ISO_8859_1);
        return OpenApiDocuments.valid(new String(utf8, StandardCharsets.UTF_8));
    }

    private static JsonNode body(JsonNode document, String path) {
        JsonNode operation = document.at("/paths").path(path).path("post");
        JsonNode body = operation.at("/requestBody/content/application~1json");
        assertThat(body.isMissingNode()).as(path + " in " + document.get("paths")).isFalse();
        return body;
    }

    @Test
    void describesTheServer() throws IOException {
        JsonNode document = document("/v2/openapi.json");
        assertThat(document.at("/info/title").asText()).isEqualTo("nereid");
        assertThat(document.at("/info/version").asText()).isEqualTo("2.73.0");
        List<String> paths = new ArrayList<>();
        document.get("paths").fieldNames().forEachRemaining(paths::add);
        assertThat(paths)
                .contains(
                        "/v2",
                        "/v2/health/live",
                        "/v2/models/{model}/versions/{version}/infer",
                        "/v2/repository/models/{model}/load",
                        "/v2/cudasharedmemory/region/{region}/register",
                        "/v2/models/types/infer",
                        ODD_PATH + "/infer",
                        "/v2/models/many/generate_stream")
                .doesNotContain("/v2/models/many/infer");
    }

    /** Whatever the document names must be there; the other way round there is no list to ask. */
    @Test
    void namesOnlyPathsThatAreThere() throws IOException {
        JsonNode paths = document("/v2/openapi.json").get("paths");
        for (var path : paths.properties()) {
            String real =
                    path.getKey()
                            .replace("{model}", "types")
                            .replace("{version}", "1")
                            .replace("{region}", "r")
                            .replace("{repository}", "r");
            for (String method : List.of("get", "post", "put")) {
                String verb = method.toUpperCase(Locale.ROOT);
                RawClient.Reply reply = http.send(verb, real);
                assertThat(reply.body()).as(verb + " " + real).doesNotContain("Not Found");
                assertThat(reply.status() == 405)
                        .as(verb + " " + real + ": " + reply.status())
                        .isEqualTo(!path.getValue().has(method));
            }
        }
    }

    @Test
    void givesEveryOperationANameOfItsOwn() throws IOException {
        for (String path : List.of("/v2/openapi.json", "/v2/models/many/openapi.json")) {
            Set<String> names = new HashSet<>();
            for (JsonNode operation : document(path).get("paths").findValues("operationId")) {
                assertThat(names.add(operation.asText())).as(operation.asText()).isTrue();
            }
            assertThat(names).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/models/types",
                "/v2/models/types/versions/1",
                ODD_PATH,
                "/v2/models/openapi.json"
            })
    void describesAModelWithAnExampleThatWorks(String model) throws IOException {
        JsonNode document = document(model + "/openapi.json");
        JsonNode body = body(document, model + "/infer");
        JsonNode example = body.get("example");
        assertThat(OpenApiDocuments.allows(document, body.get("schema"), example)).isTrue();
        RawClient.Reply reply = http.post(model + "/infer", example.toString());
        if (!model.contains("types")) {
            assertThat(reply.status()).as(reply.body()).isEqualTo(200);
            JsonNode answer = MAPPER.readTree(reply.body());
            JsonNode schema =
                    document.at("/paths")
                            .path(model + "/infer")
                            .at("/post/responses/200/content/application~1json/schema");
            if (!model.equals(ODD_PATH)) {
                assertThat(OpenApiDocuments.allows(document, schema, answer)).isTrue();
            }
            ((ObjectNode) answer).put("model_name", "other");
            assertThat(OpenApiDocuments.allows(document, schema, answer)).isFalse();
        }
        assertThat(http.get(model).status()).isEqualTo(200);
    }

    @Test
    void describesShapesAndTypes() throws IOException {
        JsonNode document = document("/v2/models/types/openapi.json");
        JsonNode body = body(document, "/v2/models/types/infer");
        JsonNode schema = body.get("schema");
        JsonNode inputs = body.at("/example/inputs");
        assertThat(inputs).hasSize(14);
        for (JsonNode input : inputs) {
            assertThat(input.get("shape").toString()).isEqualTo("[1,2,1,3]");
            assertThat(input.get("data")).hasSize(6);
        }
        assertThat(inputs.toString())
                .contains("\"BOOL\",\"shape\":[1,2,1,3],\"data\":[true,")
                .contains("\"BYTES\",\"shape\":[1,2,1,3],\"data\":[\"1\",")
                .contains("\"FP16\",\"shape\":[1,2,1,3],\"data\":[1.0,")
                .contains("\"UINT64\",\"shape\":[1,2,1,3],\"data\":[1,");
        for (String[] change :
                new String[][] {
                    {"\"X_TYPE_BOOL\"", "\"other\""},
                    {"\"datatype\":\"FP32\"", "\"datatype\":\"FP64\""},
                    {"[1,2,1,3]", "[5,2,1,3]"},
                    {"[1,2,1,3]", "[1,3,1,3]"},
                    {"[1,2,1,3]", "[1,2,1]"},
                    {"[true", "[1"},
                    {"[\"1\"", "[1"},
                }) {
            String wrong = body.get("example").toString().replace(change[0], change[1]);
            assertThat(OpenApiDocuments.allows(document, schema, MAPPER.readTree(wrong)))
                    .as(wrong)
                    .isFalse();
        }
    }

    @Test
    void describesGenerateForModelsWithManyResponses() throws IOException {
        JsonNode document = document("/v2/models/many/openapi.json");
        assertThat(document.at("/paths").has("/v2/models/many/infer")).isFalse();
        for (String endpoint : List.of("/generate", "/generate_stream")) {
            JsonNode body = body(document, "/v2/models/many" + endpoint);
            assertThat(body.get("example").toString())
                    .isEqualTo("{\"X0\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"text\":\"1\"}");
            assertThat(OpenApiDocuments.allows(document, body.get("schema"), body.get("example")))
                    .isTrue();
            assertThat(
                            OpenApiDocuments.allows(
                                    document, body.get("schema"), MAPPER.readTree("{\"X0\":[1]}")))
                    .isFalse();
        }
        assertThat(
                        document.at("/paths")
                                .path("/v2/models/many/generate_stream")
                                .at("/post/responses/200/content")
                                .has("text/event-stream"))
                .isTrue();
    }

    @Test
    void beginsAndEndsASequenceInTheExample() throws IOException {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("seq", 0, 1);
        message.getSequenceBatchingBuilder().getDirectBuilder();
        fixture.catalog().add(FakeModel.echo(ModelConfig.of(message.build()), 1));
        String path = "/v2/models/seq/infer";
        assertThat(
                        body(document("/v2/models/seq/openapi.json"), path)
                                .at("/example/parameters")
                                .toString())
                .isEqualTo("{\"sequence_id\":1,\"sequence_start\":true,\"sequence_end\":true}");
    }

    @Test
    void showsNoExampleThatIsTooLarge() throws IOException {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("large", 0, 1);
        message.getInputBuilder(0).setDims(0, 300);
        fixture.catalog().add(FakeModel.echo(ModelConfig.of(message.build()), 1));
        message.setName("huge").getInputBuilder(0).addDims(1L << 40);
        fixture.catalog().add(FakeModel.echo(ModelConfig.of(message.build()), 1));
        JsonNode all = document("/v2/openapi.json");
        assertThat(body(all, "/v2/models/large/infer").has("example")).isFalse();
        assertThat(body(all, "/v2/models/openapi.json/infer").has("example")).isTrue();
        JsonNode large = document("/v2/models/large/openapi.json");
        assertThat(body(large, "/v2/models/large/infer").at("/example/inputs/0/data")).hasSize(300);
        JsonNode huge = document("/v2/models/huge/openapi.json");
        assertThat(body(huge, "/v2/models/huge/infer").has("example")).isFalse();
    }

    @Test
    void describesNothingThatIsNotThere() throws IOException {
        assertError(
                http.get("/v2/models/nobody/openapi.json"),
                404,
                "Request for unknown model: 'nobody' is not found");
        assertError(
                http.get("/v2/models/types/versions/7/openapi.json"),
                404,
                "Request for unknown model: 'types' version 7 is not found");
        assertError(http.send("POST", "/v2/openapi.json"), 405, "Method Not Allowed");
        fixture.server().exiting();
        assertError(http.get("/v2/models/types/openapi.json"), 503, "Server not ready");
    }

    /** The check itself can fail. */
    @Test
    void tellsValidDocumentsFromOthers() {
        String valid = "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"a\",\"version\":\"1\"}";
        assertThatThrownBy(() -> OpenApiDocuments.valid(valid + "}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() ->
                        OpenApiDocuments.valid(
                                valid
                                        + ",\"components\":{\"schemas\":{\"a\":{"
                                        + "\"type\":\"strin\"}}}}"))
                .isInstanceOf(AssertionError.class);
    }
}
