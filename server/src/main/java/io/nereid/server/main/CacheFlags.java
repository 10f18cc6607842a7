package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Flags of the response cache (cli section 2). */
final class CacheFlags {
    private static final Logger log = LoggerFactory.getLogger(CacheFlags.class);
    private static final String LOCAL = "local";

    @Option(
            names = "--cache-config",
            description =
                    "<cache name>,<setting>=<value>: local,size=<bytes>; redis,host=<name> and"
                            + " redis,port=<number>; <cache name>,ttl_secs=<seconds>. Answers of"
                            + " models with response_cache are kept there. Repeatable, for one"
                            + " cache.")
    List<String> settings = new ArrayList<>();

    @Option(
            names = "--cache-directory",
            description = "Folder with one folder per kind of cache. Default: that of the server.")
    Optional<Path> directory = Optional.empty();

    @Option(
            names = "--response-cache-byte-size",
            converter = OptionValues.Long64.class,
            description = "Deprecated form of --cache-config=local,size=<bytes>.")
    Optional<Long> localBytes = Optional.empty();

    /**
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Cache options(Map<String, String> environment, Path home) {
        Map<String, Map<String, String>> byName = new LinkedHashMap<>();
        settings.forEach(text -> add(text, byName));
        if (localBytes.isPresent()) {
            addDeprecated(localBytes.get(), byName);
        }
        if (byName.size() > 1) {
            throw new IllegalArgumentException(
                    "Error: found multiple cache configurations, but only a single cache is"
                            + " currently supported");
        }
        Optional<String> name = byName.keySet().stream().findFirst();
        return new ServerOptions.Cache(
                directory.orElse(home.resolve("caches")),
                name,
                name.map(byName::get).orElse(Map.of()),
                environment);
    }

    private static void add(String text, Map<String, Map<String, String>> byName) {
        int equals = text.indexOf('=');
        // A comma behind '=' is a value's.
        int comma = text.substring(0, Math.max(0, equals)).indexOf(',');
        if (comma <= 0) {
            throw new IllegalArgumentException(
                    "--cache-config option format is <cache name>,<setting>=<value>. Got " + text);
        }
        byName.computeIfAbsent(text.substring(0, comma), _ -> new LinkedHashMap<>())
                .put(text.substring(comma + 1, equals), text.substring(equals + 1));
    }

    /** 0 means that there is none, as before there were other caches. */
    private void addDeprecated(long bytes, Map<String, Map<String, String>> byName) {
        if (!settings.isEmpty()) {
            throw new IllegalArgumentException(
                    "Error: Incompatible flags --response-cache-byte-size and --cache-config both"
                            + " provided. Please provide one or the other.");
        }
        log.warn(
                "Warning: '--response-cache-byte-size' has been deprecated! This will default to"
                        + " the 'local' cache implementation with the provided byte size for its"
                        + " config. Please use '--cache-config' instead. The equivalent"
                        + " --cache-config CLI args would be: '--cache-config=local,size={}'",
                bytes);
        if (bytes != 0) {
            byName.put(LOCAL, Map.of("size", Long.toString(bytes)));
        }
    }
}
