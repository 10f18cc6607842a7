package io.nereid.server.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The versions that have metrics: one for each namespace, name and number, from the beginning of
 * its load until it is closed (metrics section 1). While one is loaded anew, the one in service is
 * listed until the new one takes its place. Lock-free; any thread.
 */
public final class OpenVersions {
    private record Key(String namespace, String name, long number) {
        static Key of(OpenVersion version) {
            return new Key(version.namespace(), version.name(), version.number());
        }
    }

    private final ConcurrentMap<Key, OpenVersion> versions = new ConcurrentHashMap<>();

    /** It begins to be loaded. */
    public void opening(OpenVersion version) {
        versions.putIfAbsent(Key.of(version), version);
    }

    /** It is open. */
    public void opened(OpenVersion version) {
        versions.put(Key.of(version), version);
    }

    /** It is closed, or could not be loaded. */
    public void gone(OpenVersion version) {
        versions.remove(Key.of(version), version);
    }

    /** By name, then number, then namespace. */
    public List<OpenVersion> all() {
        return versions.values().stream()
                .sorted(
                        Comparator.comparing(OpenVersion::name)
                                .thenComparingLong(OpenVersion::number)
                                .thenComparing(OpenVersion::namespace))
                .toList();
    }
}
