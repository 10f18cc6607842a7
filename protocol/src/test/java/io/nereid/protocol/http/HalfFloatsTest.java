package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HalfFloatsTest {
    @ParameterizedTest
    @CsvSource({
        "1.0, 3c00, 3f80",
        "-2.0, c000, c000",
        "0.1, 2e66, 3dcd",
        "65504, 7bff, 4780",
        "65520, 7c00, 4780",
        "65519.999, 7bff, 4780",
        "1e40, 7c00, 7f80",
        "-1e400, fc00, ff80",
        "0.0, 0000, 0000",
        "-0.0, 8000, 8000",
        "1e-60, 0000, 0000",
        "5.9604644775390625e-8, 0001, 3380",
        // beyond a tie by less than a float can tell
        "1.00048828125, 3c00, 3f80",
        "1.0004882812500002, 3c01, 3f80",
        "1.00390625, 3c04, 3f80",
        "1.0039062500000002, 3c04, 3f81"
    })
    void roundsToTheNearest(double value, String half, String bfloat) {
        assertThat(hex(HalfFloats.toHalf(value))).isEqualTo(half);
        assertThat(hex(HalfFloats.toBfloat(value))).isEqualTo(bfloat);
    }

    @Test
    void keepsNaN() {
        assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(Double.NaN))).isNaN();
        assertThat(HalfFloats.fromBfloat(HalfFloats.toBfloat(Double.NaN))).isNaN();
    }

    @Test
    void everyValueComesBack() {
        for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
            double half = HalfFloats.fromHalf((short) bits);
            double bfloat = HalfFloats.fromBfloat((short) bits);
            if (!Double.isNaN(half)) {
                assertThat(HalfFloats.toHalf(half)).isEqualTo((short) bits);
            }
            if (!Double.isNaN(bfloat)) {
                assertThat(HalfFloats.toBfloat(bfloat)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void noNeighbourIsNearer() {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            double value = random.nextGaussian() * Math.pow(2, random.nextInt(30) - 15);
            short half = HalfFloats.toHalf(value);
            assertNearest(
                    value,
                    HalfFloats.fromHalf(half),
                    HalfFloats.fromHalf((short) (half - 1)),
                    HalfFloats.fromHalf((short) (half + 1)));
            short bfloat = HalfFloats.toBfloat(value);
            assertNearest(
                    value,
                    HalfFloats.fromBfloat(bfloat),
                    HalfFloats.fromBfloat((short) (bfloat - 1)),
                    HalfFloats.fromBfloat((short) (bfloat + 1)));
        }
    }

    private static void assertNearest(double value, double found, double... neighbours) {
        BigDecimal error = distance(value, found);
        for (double neighbour : neighbours) {
            if (Double.isFinite(neighbour)) {
                assertThat(distance(value, neighbour)).isGreaterThanOrEqualTo(error);
            }
        }
    }

    private static BigDecimal distance(double one, double other) {
        return new BigDecimal(one).subtract(new BigDecimal(other)).abs();
    }

    private static String hex(short bits) {
        return String.format("%04x", bits);
    }
}
