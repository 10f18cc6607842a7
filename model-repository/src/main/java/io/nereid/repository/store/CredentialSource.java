package io.nereid.repository.store;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where credentials come from: the file that {@code TRITON_CLOUD_CREDENTIAL_PATH} names, or else
 * the environment (repository section 16). Reads the file every time. Any thread; blocks.
 */
final class CredentialSource {
    private static final String FILE = "TRITON_CLOUD_CREDENTIAL_PATH";

    private final Map<String, String> environment;

    CredentialSource(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * The credentials for a folder.
     *
     * @param provider reads the environment if there is no file
     * @throws StatusException NOT_FOUND if the file has none for it, INVALID_ARG if the file cannot
     *     be read as what it should be
     */
    StoreCredentials read(StoreUrl url, ModelStoreProvider provider) {
        String file = environment.getOrDefault(FILE, "");
        return file.isEmpty()
                ? provider.credentials(environment)
                : match(parse(Path.of(file)), Path.of(file), url);
    }

    private static JsonObject parse(Path file) {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG, "failed to read credential file " + file + ": " + e, e);
        } catch (JsonParseException | IllegalStateException e) {
            throw malformed(file, "expected a JSON object", e);
        }
    }

    /** The entry whose key is the longest beginning of the URL. */
    private static StoreCredentials match(JsonObject all, Path file, StoreUrl url) {
        JsonElement entries = all.get(url.scheme());
        if (entries == null) {
            throw unmatched(url);
        }
        if (!entries.isJsonObject()) {
            throw malformed(file, "expected an object as '" + url.scheme() + "'", null);
        }
        return entries.getAsJsonObject().entrySet().stream()
                .filter(entry -> url.text().startsWith(entry.getKey()))
                .max(Comparator.comparingInt(entry -> entry.getKey().length()))
                .map(entry -> credentials(file, entry))
                .orElseThrow(() -> unmatched(url));
    }

    private static StatusException unmatched(StoreUrl url) {
        return new StatusException(
                StatusCode.NOT_FOUND, "Cannot match credential for path  " + url);
    }

    /** An object of strings, or the path of a file as Google's are given. */
    private static StoreCredentials credentials(Path file, Map.Entry<String, JsonElement> entry) {
        JsonElement value = entry.getValue();
        if (isString(value)) {
            return new StoreCredentials(Map.of("file", value.getAsString()));
        }
        if (!value.isJsonObject()
                || !value.getAsJsonObject().asMap().values().stream()
                        .allMatch(CredentialSource::isString)) {
            throw malformed(
                    file,
                    "expected a path or an object of strings as '" + entry.getKey() + "'",
                    null);
        }
        Map<String, String> fields = new TreeMap<>();
        value.getAsJsonObject()
                .asMap()
                .forEach((name, field) -> fields.put(name, field.getAsString()));
        return new StoreCredentials(fields);
    }

    private static boolean isString(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static StatusException malformed(
            Path file, String expected, @Nullable RuntimeException cause) {
        String text = "malformed credential file " + file + ": " + expected;
        return cause == null
                ? StatusException.invalidArgument(text)
                : new StatusException(StatusCode.INVALID_ARG, text, cause);
    }
}
