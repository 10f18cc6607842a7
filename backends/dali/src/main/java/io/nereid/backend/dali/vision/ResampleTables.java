package io.nereid.backend.dali.vision;

import java.util.concurrent.ConcurrentHashMap;

/** Tables made before, since pictures of the same size come again. Any thread. */
final class ResampleTables {
    private static final int MAX_TABLES = 64;

    private final ConcurrentHashMap<ResampleTable.Key, ResampleTable> tables =
            new ConcurrentHashMap<>();

    ResampleTable of(ResampleTable.Key key) {
        ResampleTable known = tables.get(key);
        if (known != null) {
            return known;
        }
        ResampleTable made = ResampleTable.of(key);
        if (tables.size() >= MAX_TABLES) {
            tables.clear();
        }
        tables.put(key, made);
        return made;
    }
}
