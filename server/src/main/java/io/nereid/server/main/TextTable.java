package io.nereid.server.main;

import java.util.ArrayList;
import java.util.List;

/** A table as the start-up log shows it (cli section 6). */
final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    void row(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalStateException(
                    "row of " + cells.length + " cells: " + rows.getFirst());
        }
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int c = 0; c < widths.length; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        StringBuilder text = new StringBuilder("\n");
        rule(widths, text);
        line(rows.getFirst(), widths, text);
        rule(widths, text);
        rows.subList(1, rows.size()).forEach(row -> line(row, widths, text));
        rule(widths, text);
        return text.toString();
    }

    private static void rule(int[] widths, StringBuilder text) {
        for (int width : widths) {
            text.append('+').append("-".repeat(width + 2));
        }
        text.append("+\n");
    }

    private static void line(List<String> row, int[] widths, StringBuilder text) {
        for (int c = 0; c < widths.length; c++) {
            text.append("| ").append(row.get(c));
            text.append(" ".repeat(widths[c] - row.get(c).length() + 1));
        }
        text.append("|\n");
    }
}
