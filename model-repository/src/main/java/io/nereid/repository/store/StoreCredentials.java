package io.nereid.repository.store;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who to be to a store, by the names of the fields of a credential file ({@code key_id}, {@code
 * secret_key} and so on; repository section 16). Never prints its values.
 *
 * @param fields values by name
 */
public record StoreCredentials(Map<String, String> fields) {
    /** Nothing is said: the vendor's default chain counts. */
    public static final StoreCredentials NONE = new StoreCredentials(Map.of());

    /** Copies the map. */
    public StoreCredentials {
        fields = Map.copyOf(fields);
    }

    /** Those of some variables that are set and not empty, as fields. */
    public static StoreCredentials ofVariables(
            Map<String, String> environment, Map<String, String> fieldsByVariable) {
        Map<String, String> fields = new TreeMap<>();
        fieldsByVariable.forEach((variable, field) -> {
            String value = environment.getOrDefault(variable, "");
            if (!value.isEmpty()) {
                fields.putIfAbsent(field, value);
            }
        });
        return new StoreCredentials(fields);
    }

    /** A field's value; empty if it is absent or says nothing. */
    public Optional<String> find(String name) {
        return Optional.ofNullable(fields.get(name)).filter(value -> !value.isEmpty());
    }

    @Override
    public String toString() {
        return "StoreCredentials" + new TreeMap<>(fields).keySet();
    }
}
