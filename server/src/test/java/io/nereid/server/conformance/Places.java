package io.nereid.server.conformance;

import java.util.LinkedHashMap;
import java.util.Map;

/** Paths and names that differ from run to run, by the words that stand for them in recordings. */
final class Places {
    /** Recordings without such words. */
    static final Places NONE = new Places(Map.of());

    private final Map<String, String> values;

    Places(Map<String, String> values) {
        this.values = new LinkedHashMap<>(values);
    }

    /** The text with every word replaced. */
    String putInto(String text) {
        String result = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            result = result.replace(value.getKey(), value.getValue());
        }
        return result;
    }
}
