package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** The rules for layouts of inputs and for axes named by letters (DALI section 3). */
public final class Layouts {
    /** What resizing accepts. */
    public static final List<String> RESIZE =
            List.of(
                    "HWC", "FHWC", "CHW", "FCHW", "CFHW", "DHWC", "FDHWC", "CDHW", "FCDHW",
                    "CFDHW");

    /** What cropping accepts. */
    public static final List<String> CROP =
            List.of(
                    "HWC", "CHW", "DHWC", "CDHW", "FHWC", "FCHW", "CFHW", "FDHWC", "FCDHW",
                    "CFDHW");

    /** What flipping accepts. */
    public static final List<String> FLIP =
            List.of("FDHWC", "FHWC", "DHWC", "HWC", "FCDHW", "FCHW", "CDHW", "CHW");

    /** Pictures with their channels last. */
    public static final List<String> CHANNELS_LAST = List.of("HWC", "FHWC", "DHWC", "FDHWC");

    private Layouts() {}

    /**
     * Layout of an input: its own if that is allowed, else the first allowed one of its rank.
     *
     * @throws DaliException if there is none
     */
    public static String resolve(Sample input, List<String> allowed) {
        String layout = input.layout();
        if (!layout.isEmpty()) {
            if (!allowed.contains(layout)) {
                throw new DaliException(
                        "The layout \""
                                + layout
                                + "\" does not match any of the allowed layouts: "
                                + String.join(", ", allowed));
            }
            return layout;
        }
        for (String candidate : allowed) {
            if (candidate.length() == input.rank()) {
                return candidate;
            }
        }
        throw new DaliException(
                "The number of dimensions "
                        + input.rank()
                        + " does not match any of the allowed layouts: "
                        + String.join(", ", allowed));
    }

    /**
     * Axes that the letters of {@code names} stand for.
     *
     * @throws DaliException if a letter is not in the layout
     */
    public static int[] axes(String layout, String names) {
        int[] axes = new int[names.length()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = layout.indexOf(names.charAt(i));
            if (axes[i] < 0) {
                throw new DaliException(
                        "Axis '"
                                + names.charAt(i)
                                + "' is not present in the input layout \""
                                + layout
                                + "\"");
            }
        }
        return axes;
    }

    /**
     * Axes given as numbers, negative ones counted from the end.
     *
     * @throws DaliException if one is out of range or named twice
     */
    public static int[] axes(double[] numbers, int rank) {
        int[] axes = new int[numbers.length];
        boolean[] seen = new boolean[rank];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = axis((long) numbers[i], rank);
            if (seen[axes[i]]) {
                throw new DaliException("Axis " + axes[i] + " is named more than once");
            }
            seen[axes[i]] = true;
        }
        return axes;
    }

    /**
     * One axis, negative ones counted from the end.
     *
     * @throws DaliException if it is out of range
     */
    public static int axis(long number, int rank) {
        if (number < -rank || number >= rank) {
            throw new DaliException(
                    "Axis "
                            + number
                            + " is out of range. Valid range is ["
                            + -rank
                            + ", "
                            + (rank - 1)
                            + "].");
        }
        return (int) (number < 0 ? number + rank : number);
    }

    /** The layout of a result: itself if it fits the number of dimensions, else none. */
    public static String fitting(String layout, int rank) {
        return layout.length() == rank ? layout : "";
    }
}
