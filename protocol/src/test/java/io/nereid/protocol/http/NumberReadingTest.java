package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.SlabAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Every way of reading a number agrees bit for bit with the JDK. */
class NumberReadingTest {
    private static final ModelConfig FP64 = Codec.model(DataType.FP64, "X");

    @Property(tries = 5000)
    void readsAnyDecimalAsTheJdkDoes(@ForAll("decimals") String text) {
        assertReadsLikeTheJdk(List.of(text));
    }

    @Property(tries = 5000)
    void readsShortestFormOfAnyDouble(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isFinite(value)) {
            assertReadsLikeTheJdk(List.of(Double.toString(value), Float.toString((float) value)));
        }
    }

    @Property(tries = 3000)
    void readsNumbersAtAndBesideTies(@ForAll long bits) {
        double value = Math.abs(Double.longBitsToDouble(bits));
        if (Double.isFinite(value) && value < Double.MAX_VALUE) {
            assertReadsLikeTheJdk(beside(tie(value)));
        }
    }

    @Test
    void readsHardNumbers() {
        List<String> hard = new ArrayList<>();
        for (double value :
                new double[] {
                    Double.MIN_VALUE,
                    3 * Double.MIN_VALUE,
                    Double.MIN_NORMAL / 2,
                    Math.nextDown(Double.MIN_NORMAL),
                    Double.MIN_NORMAL,
                    1,
                    0x1p53,
                    0x1p63,
                    0x1p64,
                    9.5e22,
                    1e23,
                    8.41e21,
                    Math.nextDown(Double.MAX_VALUE)
                }) {
            hard.add(new BigDecimal(value).toString());
            hard.addAll(beside(tie(value)));
        }
        hard.addAll(
                List.of(
                        "0",
                        "-0",
                        "0.0",
                        "-0.0e0",
                        "0e400",
                        "0.000e-400",
                        "1e-400",
                        "2e-324",
                        "2.4703282292062327e-324",
                        "2.4703282292062328e-324",
                        "2.2250738585072011e-308",
                        "2.2250738585072012e-308",
                        "1.7976931348623157e308",
                        "1.7976931348623158e308",
                        "179769313486231570814527423731704356798070e267",
                        "9007199254740993",
                        "9007199254740992.9999999999999999999999",
                        "9007199254740993.0000000000000000000000000000000000000001",
                        "18446744073709551615",
                        "18446744073709551616",
                        "9223372036854775808",
                        "100000000000000000000000000000000000000000000000000",
                        "0." + "0".repeat(400) + "1e401",
                        "1" + "0".repeat(400) + "e-400",
                        "1e-99999999999999999999",
                        "0." + "0".repeat(2000) + "7e1990",
                        "3." + "3".repeat(3000),
                        "123456789012345678901234567890e-10"));
        assertReadsLikeTheJdk(hard);
    }

    @Test
    void readsManyRandomNumbers() {
        Random random = new Random(7);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            float narrow = Float.intBitsToFloat(random.nextInt());
            if (Double.isFinite(value) && Float.isFinite(narrow)) {
                texts.add(Double.toString(value));
                texts.add(Double.toString(narrow));
                texts.add(Double.toString(random.nextDouble()));
                texts.add(random.nextInt(1000) + "." + random.nextLong(1L << 50));
                texts.add(Long.toString(random.nextLong()));
            }
        }
        assertReadsLikeTheJdk(texts);
    }

    @Test
    void recognisesIntegers() {
        assertThat(kinds("0")).isEqualTo("unsigned signed");
        assertThat(kinds("-0")).isEqualTo("unsigned signed");
        assertThat(kinds("-1")).isEqualTo("signed");
        assertThat(kinds("9223372036854775807")).isEqualTo("unsigned signed");
        assertThat(kinds("9223372036854775808")).isEqualTo("unsigned");
        assertThat(kinds("-9223372036854775808")).isEqualTo("signed");
        assertThat(kinds("-9223372036854775809")).isEmpty();
        assertThat(kinds("18446744073709551615")).isEqualTo("unsigned");
        assertThat(kinds("18446744073709551616")).isEmpty();
        assertThat(kinds("100000000000000000000")).isEmpty();
        assertThat(kinds("1.0")).isEmpty();
        assertThat(kinds("1e2")).isEmpty();
        assertThat(kinds("NaN")).isEmpty();
        assertThat(kinds("-Infinity")).isEmpty();
    }

    @Provide
    Arbitrary<String> decimals() {
        Arbitrary<String> digits = Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(30);
        Arbitrary<String> whole = digits.map(d -> d.replaceFirst("^0+(?=.)", ""));
        Arbitrary<String> fraction =
                Arbitraries.oneOf(Arbitraries.just(""), digits.map(d -> "." + d));
        Arbitrary<String> exponent =
                Arbitraries.oneOf(
                        Arbitraries.just(""),
                        Arbitraries.integers().between(-360, 270).map(e -> "e" + e),
                        Arbitraries.integers().between(0, 30).map(e -> "E+" + e));
        Arbitrary<String> sign = Arbitraries.of("", "-");
        return Combinators.combine(sign, whole, fraction, exponent)
                .as((s, w, f, e) -> s + w + f + e);
    }

    /** Half-way between the value and the next greater one, exactly. */
    private static BigDecimal tie(double value) {
        return new BigDecimal(value)
                .add(new BigDecimal(Math.nextUp(value)))
                .divide(BigDecimal.valueOf(2), MathContext.UNLIMITED);
    }

    /** Texts of that number and of its neighbours, some short and some very long. */
    private static List<String> beside(BigDecimal tie) {
        BigDecimal little = tie.ulp().movePointLeft(30);
        return List.of(
                tie.toString(),
                tie.toPlainString(),
                tie.add(little).toString(),
                tie.subtract(little).toString(),
                tie.round(new MathContext(19, RoundingMode.DOWN)).toString(),
                tie.round(new MathContext(20, RoundingMode.UP)).toString(),
                tie.round(new MathContext(17, RoundingMode.DOWN)).toString());
    }

    /** In a run, at the end of an array, and alone. */
    private static void assertReadsLikeTheJdk(List<String> texts) {
        double[] expected = texts.stream().mapToDouble(Double::parseDouble).toArray();
        try (SlabAllocator allocator = new SlabAllocator(1 << 20, false)) {
            String json =
                    "{'inputs':[{'name':'X','datatype':'FP64','shape':[1,%d],'data':%s}],'pad':'%s'}"
                            .formatted(texts.size(), texts, " ".repeat(80));
            Codec codec = new Codec(allocator, 1 << 28);
            try (InferenceRequest request = codec.decode(FP64, json).request()) {
                MemorySegment values = request.input("X").orElseThrow().buffer().segment();
                for (int i = 0; i < expected.length; i++) {
                    double found = values.get(LittleEndian.DOUBLE, 8L * i);
                    assertThat(Double.doubleToRawLongBits(found))
                            .as(texts.get(i))
                            .isEqualTo(Double.doubleToRawLongBits(expected[i]));
                }
            }
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat(number(texts.get(i)).doubleValue()).as(texts.get(i)).isEqualTo(expected[i]);
        }
    }

    private static String kinds(String text) {
        JsonNumber number = number(text);
        return ((number.isUnsigned() ? "unsigned " : "") + (number.isSigned() ? "signed" : ""))
                .strip();
    }

    private static JsonNumber number(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment json = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, json, ValueLayout.JAVA_BYTE, 0, bytes.length);
        JsonNumber number = new JsonNumber(json);
        assertThat(number.scan(0)).isEqualTo(bytes.length);
        return number;
    }
}
