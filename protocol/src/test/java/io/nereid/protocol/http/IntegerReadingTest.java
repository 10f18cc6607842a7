package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays of integers are read as a {@link BigInteger} would read each of them. */
class IntegerReadingTest {
    private static final BigInteger MIN_SIGNED = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_SIGNED = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger MAX_UNSIGNED =
            BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** What a JSON number is not. */
    private static final List<String> MALFORMED =
            List.of(
                    "",
                    "-",
                    "01",
                    "-01",
                    "00",
                    "+1",
                    "1 2",
                    "--1",
                    "1-2",
                    "- 1",
                    "0x1",
                    "1;",
                    "1:",
                    "1.",
                    "1e",
                    ".5",
                    ",",
                    "12345678x",
                    "1\u0000",
                    "123p",
                    "\"",
                    "1]",
                    "{",
                    "1?",
                    "7\u00ff");

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"})
    void readsEveryLengthOfNumber(DataType type) {
        Random random = new Random(3);
        List<String> texts = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            for (int digits = 1; digits <= 19; digits++) {
                String text = withDigits(random, digits);
                texts.add(isSigned(type) && random.nextBoolean() ? "-" + text : text);
            }
        }
        texts.add("0");
        texts.add("-0");
        for (String separator : List.of(",", ", ", " ,", ",\n", ",  ")) {
            assertReads(type, texts, separator);
        }
    }

    @Property(tries = 2000)
    void readsMixedNumbers(
            @ForAll @IntRange(max = 40) int count,
            @ForAll @IntRange(max = 3) int form,
            @ForAll long seed) {
        Random random = new Random(seed);
        DataType type =
                List.of(DataType.UINT8, DataType.INT8, DataType.INT32, DataType.UINT64).get(form);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count + 1; i++) {
            int digits = 1 + random.nextInt(random.nextInt(6) == 0 ? 19 : 3);
            String sign = isSigned(type) && random.nextInt(4) == 0 ? "-" : "";
            texts.add((random.nextInt(8) == 0 ? " " : "") + sign + withDigits(random, digits));
        }
        assertReads(type, texts, ",");
    }

    @Test
    void readsEveryPairOfBytes() {
        List<String> texts = new ArrayList<>();
        for (int a = 0; a < 300; a++) {
            for (int b = 0; b < 300; b += 7) {
                texts.add(Integer.toString(a));
                texts.add(Integer.toString(b));
            }
        }
        assertReads(DataType.UINT8, texts, ",");
        assertReads(DataType.INT8, texts, ",");
    }

    /** At every place of a pair, of a word, and near the end of the text. */
    @ParameterizedTest
    @ValueSource(strings = {"UINT8", "INT8", "UINT16", "INT64"})
    void refusesWhatIsNoNumberWhereverItStands(DataType type) {
        for (String bad : MALFORMED) {
            for (int at = 0; at < 24; at++) {
                List<String> texts = new ArrayList<>(Arrays.asList(new String[24]));
                for (int i = 0; i < texts.size(); i++) {
                    texts.set(i, i == at ? bad : Integer.toString(i * 41 % 256));
                }
                for (int pad : new int[] {0, 100}) {
                    assertThat(isRefused(type, texts, pad)).as(bad + " at " + at).isTrue();
                }
            }
        }
    }

    @Test
    void tellsIntegersThatDoNotFit() {
        String wrong = "Unable to parse 'data': attempt to access JSON non-unsigned-integer";
        assertThat(refusal(DataType.UINT8, List.of("1", "2", "-3", "4"))).startsWith(wrong);
        assertThat(refusal(DataType.UINT64, List.of("1", "18446744073709551616")))
                .startsWith(wrong);
        assertThat(refusal(DataType.UINT8, List.of("1", "1.0", "2"))).startsWith(wrong);
        assertThat(refusal(DataType.INT64, List.of("9223372036854775808", "2")))
                .contains("non-signed-integer");
        assertThat(refusal(DataType.INT8, List.of("1", "true", "2")))
                .contains("non-signed-integer");
    }

    private static boolean isSigned(DataType type) {
        return type.name().startsWith("I");
    }

    /** A number of so many digits that fits 63 bits. */
    private static String withDigits(Random random, int digits) {
        StringBuilder text = new StringBuilder();
        text.append(digits == 1 ? random.nextInt(10) : 1 + random.nextInt(digits == 19 ? 8 : 9));
        while (text.length() < digits) {
            text.append(random.nextInt(10));
        }
        return text.toString();
    }

    private static void assertReads(DataType type, List<String> texts, String separator) {
        ByteBuffer expected =
                ByteBuffer.allocate(texts.size() * type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (String text : texts) {
            BigInteger value = new BigInteger(text.strip());
            assertThat(value)
                    .isBetween(
                            isSigned(type) ? MIN_SIGNED : BigInteger.ZERO,
                            isSigned(type) ? MAX_SIGNED : MAX_UNSIGNED);
            switch (type.byteSize()) {
                case 1 -> expected.put(value.byteValue());
                case 2 -> expected.putShort(value.shortValue());
                case 4 -> expected.putInt(value.intValue());
                default -> expected.putLong(value.longValue());
            }
        }
        for (int pad : new int[] {0, 100}) {
            assertThat(read(type, texts.size(), String.join(separator, texts), pad))
                    .as("%s %s", type, texts.size() < 50 ? texts : "")
                    .isEqualTo(expected.array());
        }
    }

    private static byte[] read(DataType type, int count, String data, int pad) {
        try (SlabAllocator allocator = new SlabAllocator(1 << 20, false)) {
            ModelConfig model = Codec.model(type, "X");
            try (InferenceRequest request =
                    new Codec(allocator, 1 << 28)
                            .decode(model, body(type, count, data, pad))
                            .request()) {
                return Codec.bytes(request.input("X").orElseThrow().buffer());
            }
        }
    }

    private static boolean isRefused(DataType type, List<String> texts, int pad) {
        try {
            read(type, texts.size(), String.join(",", texts), pad);
            return false;
        } catch (StatusException e) {
            return true;
        }
    }

    private static String refusal(DataType type, List<String> texts) {
        String data = String.join(",", texts);
        return Codec.refusal(() -> read(type, texts.size(), data, 100)).text();
    }

    private static byte[] body(DataType type, int count, String data, int pad) {
        return "{\"inputs\":[{\"name\":\"X\",\"shape\":[1,%d],\"datatype\":\"%s\",\"data\":[%s]}],\"pad\":\"%s\"}"
                .formatted(count, type, data, " ".repeat(pad))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
