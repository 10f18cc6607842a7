package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.http.OpenApiDocuments;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the generated documents show can be pasted: every example is answered by its model. */
final class OpenApiIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    void examplesOfAllModelsWork() throws Exception {
        try (NereidServer server =
                        NereidServer.start(
                                TestServers.options(
                                        TestServers.resource("/conformance/repository")));
                HttpClient client = HttpClient.newHttpClient()) {
            String root = "http://127.0.0.1:" + server.httpPort();
            OpenApiDocuments.valid(get(client, root + "/v2/openapi.json"));
            List<String> asked = new ArrayList<>();
            for (JsonNode model : MAPPER.readTree(get(client, root + "/v2/models")).get("models")) {
                if (model.has("inputs")) {
                    askAsShown(client, root, model.get("name").asText());
                    asked.add(model.get("name").asText());
                }
            }
            assertThat(asked)
                    .hasSizeGreaterThan(40)
                    .contains("add_sub", "repeat", "id_fp16", "seq_str");
        }
    }

    private static void askAsShown(HttpClient client, String root, String model) throws Exception {
        JsonNode document =
                OpenApiDocuments.valid(get(client, root + "/v2/models/" + model + "/openapi.json"));
        int examples = 0;
        for (var path : document.get("paths").properties()) {
            JsonNode body = path.getValue().at("/post/requestBody/content/application~1json");
            if (body.has("example")) {
                String example = body.get("example").toString();
                HttpRequest request =
                        HttpRequest.newBuilder(URI.create(root + path.getKey()))
                                .POST(HttpRequest.BodyPublishers.ofString(example))
                                .build();
                HttpResponse<String> reply =
                        client.send(
                                request,
                                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                assertThat(reply.statusCode())
                        .as(path.getKey() + " " + example + ": " + reply.body())
                        .isEqualTo(200);
                examples++;
            }
        }
        assertThat(examples).as(model).isPositive();
    }

    private static String get(HttpClient client, String uri) throws Exception {
        HttpResponse<String> reply =
                client.send(
                        HttpRequest.newBuilder(URI.create(uri)).build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        assertThat(reply.statusCode()).as(uri + ": " + reply.body()).isEqualTo(200);
        return reply.body();
    }
}
