package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of recorded cases, one JSON object a line. */
final class Recording {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Recording() {}

    /** The cases of one server in the order of the file, names of places put in. */
    static List<JsonNode> of(String file, String server, Places places) {
        Path path = TestServers.resource("/conformance/" + file);
        try {
            List<JsonNode> cases = new ArrayList<>();
            for (String line : Files.readAllLines(path)) {
                JsonNode recorded = JSON.readTree(places.putInto(line));
                if (recorded.get("server").asText().equals(server)) {
                    cases.add(recorded);
                }
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
