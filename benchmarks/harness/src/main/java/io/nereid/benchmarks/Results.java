package io.nereid.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What the rounds have measured. Used by one thread. */
final class Results {
    private final Map<Row, Map<Kind, List<Cell>>> cells = new LinkedHashMap<>();

    void add(Row row, Kind kind, Cell cell) {
        cells.computeIfAbsent(row, _ -> new EnumMap<>(Kind.class))
                .computeIfAbsent(kind, _ -> new ArrayList<>())
                .add(cell);
    }

    Set<Row> rows() {
        return cells.keySet();
    }

    /** A figure of the cells of all rounds. */
    Spread spread(Row row, Kind kind, ToDoubleFunction<Cell> figure) {
        return Spread.of(
                cells.getOrDefault(row, Map.of()).getOrDefault(kind, List.of()).stream()
                        .map(figure::applyAsDouble)
                        .toList());
    }

    double median(Row row, Kind kind, ToDoubleFunction<Cell> figure) {
        return spread(row, kind, figure).median();
    }
}
