package io.nereid.protocol;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Finds what was probably meant by a name that nobody knows. */
public final class Suggestions {
    /** Most letters that are compared; longer names are typed by machines. */
    private static final int LONGEST = 100;

    /** What other tools call element types, without the prefix that all have here. */
    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("float", "FP32"),
                    Map.entry("float16", "FP16"),
                    Map.entry("float32", "FP32"),
                    Map.entry("float64", "FP64"),
                    Map.entry("half", "FP16"),
                    Map.entry("double", "FP64"),
                    Map.entry("bfloat16", "BF16"),
                    Map.entry("int", "INT32"),
                    Map.entry("long", "INT64"),
                    Map.entry("byte", "UINT8"),
                    Map.entry("boolean", "BOOL"),
                    Map.entry("bytes", "STRING"),
                    Map.entry("str", "STRING"));

    private Suggestions() {}

    /**
     * The name that is nearest to a written one: the same but for case and underscores, or off by
     * no more than a third of its letters, about. Empty if none is near.
     */
    public static Optional<String> nearest(String written, Collection<String> known) {
        String plain = plain(written);
        if (plain.isEmpty() || plain.length() > LONGEST) {
            return Optional.empty();
        }
        int most = plain.length() < 3 ? 0 : (plain.length() + 1) / 3;
        return known.stream()
                .filter(name -> !name.isEmpty() && name.length() <= LONGEST)
                .filter(name -> distance(plain, plain(name)) <= most)
                .min(
                        Comparator.comparingInt((String name) -> distance(plain, plain(name)))
                                .thenComparingInt(name -> distance(written, name))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /**
     * The value of an enumeration that was probably meant. Values share a prefix, such as {@code
     * TYPE_}, that people leave out; of element types also the names of other tools are known.
     */
    public static Optional<String> nearestValue(String written, Collection<String> values) {
        String prefix = commonPrefix(values);
        String lower = written.toLowerCase(Locale.ROOT);
        String bare =
                lower.startsWith(prefix.toLowerCase(Locale.ROOT))
                        ? lower.substring(prefix.length())
                        : lower;
        String meant = prefix + TYPES.getOrDefault(bare, bare).toUpperCase(Locale.ROOT);
        if (values.contains(meant)) {
            return Optional.of(meant);
        }
        return nearest(written, values).or(() -> nearest(meant, values));
    }

    /** {@code (did you mean 'x'?)} with its leading blank, or nothing. */
    public static String question(String written, Collection<String> known) {
        return nearest(written, known).map(name -> " (did you mean '" + name + "'?)").orElse("");
    }

    /** What to do about a name that nobody knows. */
    public static String rename(String written, Collection<String> known, String otherwise) {
        return nearest(written, known)
                .map(name -> "did you mean '" + name + "'? Write it in place of '" + written + "'")
                .orElse(otherwise);
    }

    private static String commonPrefix(Collection<String> values) {
        String prefix = values.stream().findFirst().orElse("");
        for (String value : values) {
            while (!value.startsWith(prefix)) {
                prefix = prefix.substring(0, prefix.length() - 1);
            }
        }
        return prefix.substring(0, prefix.lastIndexOf('_') + 1);
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** Letters to insert, delete, replace or swap with their neighbour, at least. */
    private static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, from, to, i, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int cheapest(int[][] cost, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int best = cost[i - 1][j - 1] + (same ? 0 : 1);
        best = Math.min(best, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
