package io.nereid.server.measures;

import java.util.Arrays;
import java.util.List;

/**
 * Upper limits of a histogram's buckets, ascending and inclusive; one bucket without a limit comes
 * after them. Immutable.
 */
public final class Buckets {
    private final List<Double> limits;
    private final long[] scaled;

    /** By a value's number of bits: the first bucket that such a value can belong to. */
    private final int[] firstByBits = new int[Long.SIZE + 1];

    private final long scale;

    private Buckets(List<Double> limits, long scale) {
        this.limits = limits;
        this.scale = scale;
        this.scaled =
                limits.stream().mapToLong(limit -> (long) Math.floor(limit * scale)).toArray();
        for (int bits = 1; bits < Long.SIZE; bits++) {
            firstByBits[bits] = search(1L << (bits - 1));
        }
    }

    private int search(long value) {
        int found = Arrays.binarySearch(scaled, value);
        return found < 0 ? -found - 1 : found;
    }

    /**
     * Buckets of a family.
     *
     * @param limits in the unit of the family, in any order
     * @param scale units of what is measured in one unit of the family
     */
    static Buckets of(List<Double> limits, long scale) {
        return new Buckets(
                limits.stream().filter(Double::isFinite).distinct().sorted().toList(), scale);
    }

    /** The same unit with other limits. */
    Buckets withLimits(List<Double> others) {
        return of(others, scale);
    }

    /** The bucket that a value belongs to; several are looked for with each request. */
    int indexOf(long value) {
        int index = firstByBits[Long.SIZE - Long.numberOfLeadingZeros(value)];
        while (index < scaled.length && scaled[index] < value) {
            index++;
        }
        return index;
    }

    /** Number of buckets, the last without a limit. */
    int size() {
        return scaled.length + 1;
    }

    /** Units of what is measured in one unit of the family. */
    long scale() {
        return scale;
    }

    /** Upper limits in the unit of the family, without the infinite one. */
    public List<Double> limits() {
        return limits;
    }
}
