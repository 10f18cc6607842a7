package io.nereid.protocol.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.fuzz.BoundedMemory;
import io.nereid.protocol.fuzz.FuzzTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads any bytes as JSON. What Jackson reads must be read alike, value for value; what Jackson
 * refuses must be refused too, but for the words NaN and Infinity.
 */
public final class JsonScannerFuzz implements FuzzTarget {
    /** Deeper texts are only checked, not compared. */
    private static final int MAX_DEPTH = 200;

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_UNSIGNED = BigInteger.ONE.shiftLeft(64);

    private static final JsonFactory JACKSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final BoundedMemory memory = new BoundedMemory();

    /** For fuzzers that know nothing but this method. */
    public static void fuzzerTestOneInput(byte[] input) {
        new JsonScannerFuzz().accept(input);
    }

    @Override
    public boolean accept(byte[] input) {
        memory.begin(input.length);
        Optional<List<String>> found;
        try (TensorBuffer block = memory.block(input, 0, input.length)) {
            found = read(new JsonCursor(block.segment()));
        }
        memory.end();
        compare(input, found);
        return found.isPresent();
    }

    private static void compare(byte[] input, Optional<List<String>> found) {
        Optional<String> text = utf8(input);
        if (text.isEmpty() || deep(input)) {
            return;
        }
        Optional<List<String>> expected = byJackson(text.get());
        if (expected.isPresent() && found.isEmpty()) {
            if (!isBeyond(expected.get())) {
                throw new AssertionError("refuses what is JSON: " + text.get());
            }
        } else if (expected.isEmpty() && found.isPresent()) {
            if (!hasSpecial(found.get())) {
                throw new AssertionError("accepts what is no JSON: " + text.get());
            }
        } else if (!expected.equals(found)) {
            throw new AssertionError("reads " + found + ", expected " + expected);
        }
    }

    /** The values of a text in order, or nothing if it is refused. */
    private static Optional<List<String>> read(JsonCursor cursor) {
        List<String> values = new ArrayList<>();
        try {
            cursor.start();
            long begin = cursor.position();
            cursor.skipValue();
            cursor.end();
            cursor.seek(begin);
            value(cursor, values, 0);
            return Optional.of(values);
        } catch (StatusException e) {
            return Optional.empty();
        }
    }

    private static void value(JsonCursor cursor, List<String> values, int depth) {
        if (depth > MAX_DEPTH) {
            cursor.skipValue();
            return;
        }
        switch (cursor.peek()) {
            case '{' -> {
                values.add("{");
                for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
                    values.add("name " + cursor.name());
                    value(cursor, values, depth + 1);
                }
                values.add("}");
            }
            case '[' -> {
                values.add("[");
                for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
                    value(cursor, values, depth + 1);
                }
                values.add("]");
            }
            case '"' -> values.add("text " + cursor.string().text());
            case 't', 'f' -> values.add(String.valueOf(cursor.bool()));
            case 'n' -> {
                cursor.skipValue();
                values.add("null");
            }
            default -> values.add(number(cursor.number()));
        }
    }

    private static String number(JsonNumber number) {
        double real = number.doubleValue();
        String integer =
                number.isSigned() || number.isUnsigned()
                        ? Long.toHexString(number.longValue())
                        : "";
        return "number " + Double.doubleToLongBits(real) + " " + integer;
    }

    private static Optional<List<String>> byJackson(String text) {
        List<String> values = new ArrayList<>();
        try (JsonParser parser = JACKSON.createParser(withoutMark(text))) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (depth == 0 && !values.isEmpty()) {
                    return Optional.empty(); // a second document
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values.add(value(parser, token));
            }
            return values.isEmpty() ? Optional.empty() : Optional.of(values);
        } catch (StreamReadException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT,
                    END_OBJECT,
                    START_ARRAY,
                    END_ARRAY,
                    VALUE_TRUE,
                    VALUE_FALSE,
                    VALUE_NULL ->
                    token.asString();
            case FIELD_NAME -> "name " + parser.currentName();
            case VALUE_STRING -> "text " + parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText(), token);
            case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw new AssertionError(token);
        };
    }

    private static String number(String text, JsonToken token) {
        String integer = "";
        if (token == JsonToken.VALUE_NUMBER_INT) {
            BigInteger value = new BigInteger(text);
            boolean fits = value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_UNSIGNED) < 0;
            integer = fits ? Long.toHexString(value.longValue()) : "";
        }
        return "number " + Double.doubleToLongBits(Double.parseDouble(text)) + " " + integer;
    }

    /** Whether a value is JSON, but not for this protocol: no double, or half a character. */
    private static boolean isBeyond(List<String> values) {
        String infinite = "number " + Double.doubleToLongBits(Double.POSITIVE_INFINITY);
        String negative = "number " + Double.doubleToLongBits(Double.NEGATIVE_INFINITY);
        return values.stream()
                .anyMatch(value ->
                        value.startsWith(infinite)
                                || value.startsWith(negative)
                                || !StandardCharsets.UTF_8.newEncoder().canEncode(value));
    }

    private static boolean hasSpecial(List<String> values) {
        return values.stream()
                .filter(value -> value.startsWith("number "))
                .anyMatch(value ->
                        !Double.isFinite(
                                Double.longBitsToDouble(Long.parseLong(value.split(" ")[1]))));
    }

    private static boolean deep(byte[] input) {
        int depth = 0;
        for (byte b : input) {
            depth += b == '[' || b == '{' ? 1 : 0;
        }
        return depth > MAX_DEPTH;
    }

    private static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Optional<String> utf8(byte[] input) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
