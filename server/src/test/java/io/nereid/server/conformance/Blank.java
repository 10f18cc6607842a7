package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Takes out of a JSON document what differs from run to run. */
final class Blank {
    private Blank() {}

    /**
     * Puts null in place of the values that a path names.
     *
     * @param path members from the root on; {@code *} for any member or index
     */
    static void out(JsonNode document, String... path) {
        out(document, Arrays.asList(path));
    }

    private static void out(JsonNode node, List<String> path) {
        String key = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        if (node instanceof ObjectNode object) {
            for (String member : object.propertyStream().map(Map.Entry::getKey).toList()) {
                if (key.equals("*") || key.equals(member)) {
                    if (rest.isEmpty()) {
                        object.putNull(member);
                    } else {
                        out(object.get(member), rest);
                    }
                }
            }
        } else if (node instanceof ArrayNode array && key.equals("*")) {
            for (int i = 0; i < array.size(); i++) {
                if (rest.isEmpty()) {
                    array.set(i, JsonNodeFactory.instance.nullNode());
                } else {
                    out(array.get(i), rest);
                }
            }
        }
    }
}
