package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.TensorBuffer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonWriterTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "100, 100.0",
        "0.1, 0.1",
        "-2.5, -2.5",
        "1e20, 100000000000000000000.0",
        "1e21, 1e21",
        "1.5e21, 1.5e21",
        "-1e22, -1e22",
        "123456789012345680000, 123456789012345680000.0",
        "0.000001, 0.000001",
        "1e-7, 1e-7",
        "1.5e-7, 1.5e-7",
        "0.00000123, 0.00000123",
        "4.9e-324, 5e-324",
        "1e15, 1000000000000000.0",
        "999999999999999, 999999999999999.0",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "1234.5678, 1234.5678",
        "3.4028234663852886e38, 3.4028234663852886e38",
        "1e23, 1e23",
        "9007199254740993, 9007199254740992.0"
    })
    void writesFloatingPointNumbers(double value, String expected) {
        assertThat(real(value)).isEqualTo(expected);
    }

    @Property(tries = 20_000)
    void writesShortestDigitsOfAnyDouble(@ForAll long bits) {
        assertShortest(Double.longBitsToDouble(bits));
    }

    @Test
    void writesShortestDigitsOfManyDoubles() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            assertShortest(random.nextDouble() * 1000 - 500);
            assertShortest(Float.intBitsToFloat(random.nextInt()));
            assertShortest(Double.longBitsToDouble(random.nextLong()));
        }
        for (int e = -1074; e < 1024; e++) {
            assertShortest(Math.scalb(1.0, e));
            assertShortest(Math.nextUp(Math.scalb(1.0, e)));
            assertShortest(Math.nextDown(Math.scalb(1.0, e)));
        }
        for (int e = -323; e < 309; e++) {
            assertShortest(Double.parseDouble("1e" + e));
            assertShortest(Double.parseDouble("12345e" + (e - 4)));
        }
    }

    @Test
    void writesAnyInteger() {
        for (long value :
                new long[] {0, 7, 10, 99, 100, 999, 1000, 65_535, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThat(written(writer -> writer.integer(value))).isEqualTo(Long.toString(value));
            assertThat(written(writer -> writer.integer(-value))).isEqualTo(Long.toString(-value));
            assertThat(written(writer -> writer.unsigned(value)))
                    .isEqualTo(Long.toUnsignedString(value));
        }
        assertThat(written(writer -> writer.unsigned(-1))).isEqualTo("18446744073709551615");
    }

    @Property(tries = 5000)
    void writesAnyIntegerAsTheJdkDoes(@ForAll long value) {
        assertThat(written(writer -> writer.integer(value))).isEqualTo(Long.toString(value));
        assertThat(written(writer -> writer.unsigned(value)))
                .isEqualTo(Long.toUnsignedString(value));
    }

    @Property(tries = 2000)
    void writesStringsThatReadBack(@ForAll String text) {
        String clean = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        try (SlabAllocator allocator = new SlabAllocator(0, true);
                JsonWriter writer = new JsonWriter(allocator, 1)) {
            try (TensorBuffer json = writer.string(clean).finish()) {
                JsonString string = new JsonString(json.segment());
                assertThat(string.scan(0)).isEqualTo(json.byteSize());
                assertThat(string.text()).isEqualTo(clean);
            }
        }
    }

    @Test
    void growsAsNeeded() {
        String text = "x".repeat(100_000);
        assertThat(written(writer -> writer.raw(text).string(text)))
                .isEqualTo(text + '"' + text + '"');
    }

    /** Reads back as the value, with no more digits than the JDK writes and as near to it. */
    private static void assertShortest(double value) {
        if (!Double.isFinite(value)) {
            return;
        }
        String written = real(value);
        assertThat(Double.doubleToRawLongBits(Double.parseDouble(written)))
                .as(written)
                .isEqualTo(Double.doubleToRawLongBits(value));
        BigDecimal ours = new BigDecimal(written).stripTrailingZeros();
        BigDecimal jdk = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        // The JDK prefers two digits to one where both do: 4.9E-324.
        if (jdk.precision() > 2) {
            boolean plainInteger = Math.abs(value) < 0x1p53 && value == Math.rint(value);
            assertThat(plainInteger ? ours.compareTo(new BigDecimal(value)) : ours.compareTo(jdk))
                    .as("%s, %s", written, jdk)
                    .isZero();
        }
        assertThat(ours.precision()).isLessThanOrEqualTo(Math.max(jdk.precision(), 17));
    }

    private static String real(double value) {
        return written(writer -> writer.real(value));
    }

    private static String written(java.util.function.Consumer<JsonWriter> writing) {
        try (SlabAllocator allocator = new SlabAllocator(0, true);
                JsonWriter writer = new JsonWriter(allocator, 1)) {
            writing.accept(writer);
            try (TensorBuffer text = writer.finish()) {
                return Codec.text(text);
            }
        }
    }

    @Test
    void knowsPowersOfFiveExactly() {
        for (int q = PowersOfFive.MIN; q <= PowersOfFive.MAX; q++) {
            BigInteger high = new BigInteger(Long.toUnsignedString(PowersOfFive.high(q)));
            BigInteger low = new BigInteger(Long.toUnsignedString(PowersOfFive.low(q)));
            BigInteger bits = high.shiftLeft(64).add(low);
            assertThat(bits.bitLength()).isEqualTo(128);
            BigInteger power = BigInteger.valueOf(5).pow(Math.abs(q));
            // floor(5^q * 2^s): the next integer is greater, this one is not.
            int s = q < 0 ? 127 + power.bitLength() : 128 - power.bitLength();
            BigDecimal exact =
                    q < 0
                            ? new BigDecimal(BigInteger.TWO.pow(s))
                                    .divideToIntegralValue(new BigDecimal(power))
                            : new BigDecimal(power)
                                    .multiply(
                                            s >= 0
                                                    ? new BigDecimal(BigInteger.TWO.pow(s))
                                                    : BigDecimal.ONE.divide(
                                                            new BigDecimal(
                                                                    BigInteger.TWO.pow(-s))));
            assertThat(bits).isEqualTo(exact.toBigInteger());
        }
    }
}
