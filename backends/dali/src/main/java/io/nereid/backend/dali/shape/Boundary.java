package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.tensor.DaliException;
import java.util.Locale;

/** What lies outside a tensor (DALI section 5, "Boundary names"). */
public enum Boundary {
    ERROR,
    CONSTANT,
    CLAMP,
    REFLECT_1001,
    REFLECT_101,
    WRAP,
    TRIM;

    /** The policy of that name, for operators that know all of them. */
    public static Boundary of(String name) {
        if (name.equals("error")) {
            return ERROR;
        }
        if (name.equals("trim_to_shape")) {
            return TRIM;
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "constant", "const", "fill", "pad" -> CONSTANT;
            case "clamp", "edge" -> CLAMP;
            case "reflect", "reflect_1001" -> REFLECT_1001;
            case "reflect_101" -> REFLECT_101;
            case "wrap" -> WRAP;
            default -> throw unknown(name);
        };
    }

    /** The policy of that name, for crops: they know error, constant and trim_to_shape only. */
    public static Boundary ofCrop(String name) {
        Boundary boundary = of(name);
        if (boundary != ERROR && boundary != CONSTANT && boundary != TRIM) {
            throw unknown(name);
        }
        return boundary;
    }

    /** Source position of {@code index} in an axis of {@code n} elements; -1 for the filling. */
    int map(long index, int n) {
        if (index >= 0 && index < n) {
            return (int) index;
        }
        if (n == 0) {
            return -1;
        }
        return switch (this) {
            case ERROR, CONSTANT, TRIM -> -1;
            case CLAMP -> index < 0 ? 0 : n - 1;
            case WRAP -> (int) Math.floorMod(index, (long) n);
            case REFLECT_1001 -> {
                long folded = Math.floorMod(index, 2L * n);
                yield (int) (folded < n ? folded : 2L * n - 1 - folded);
            }
            case REFLECT_101 -> {
                long period = Math.max(1, 2L * n - 2);
                long folded = Math.floorMod(index, period);
                yield (int) (folded < n ? folded : period - folded);
            }
        };
    }

    private static DaliException unknown(String name) {
        return new DaliException("Unknown out-of-bounds policy: \"" + name + "\"");
    }
}
