package io.nereid.protocol.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A second opinion on tensors that came as JSON: reads the body with Jackson into a tree and builds
 * the tensors' bytes the plain way.
 */
final class PlainReading {
    private static final JsonFactory JACKSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /** A number as it is written. */
    private record Num(String text) {}

    private PlainReading() {}

    /**
     * Compares accepted inputs with the body's text; what Jackson does not read is not compared.
     *
     * @throws AssertionError if a tensor does not hold what the text says
     */
    static void check(byte[] json, ModelConfig config, List<Tensor> found) {
        Optional<Object> tree = tree(json);
        if (tree.isEmpty()) {
            return;
        }
        if (!(tree.get() instanceof Map<?, ?> body
                && body.get("inputs") instanceof List<?> inputs)) {
            throw new AssertionError("accepts a body without inputs: " + text(json));
        }
        if (inputs.size() != found.size()) {
            throw new AssertionError(
                    "reads " + found.size() + " inputs of " + inputs.size() + ": " + text(json));
        }
        for (int i = 0; i < found.size(); i++) {
            Map<?, ?> input = (Map<?, ?>) inputs.get(i);
            Tensor tensor = found.get(i);
            boolean known = config.input(tensor.name()).isPresent();
            if (known && input.get("data") instanceof List<?> data && hasElements(tensor)) {
                check(tensor, data, json);
            }
        }
    }

    /**
     * Compares the inputs of a generate request with the members of these names, at the top or
     * among the parameters.
     *
     * @throws AssertionError if a tensor does not hold what the text says
     */
    static void checkMembers(byte[] json, List<Tensor> found) {
        if (tree(json).orElse(Map.of()) instanceof Map<?, ?> body) {
            Map<?, ?> nested = body.get("parameters") instanceof Map<?, ?> map ? map : Map.of();
            for (Tensor tensor : found) {
                Object member = body.get(tensor.name());
                Object value = member == null ? nested.get(tensor.name()) : member;
                if (value != null && hasElements(tensor)) {
                    check(tensor, value instanceof List<?> list ? list : List.of(value), json);
                }
            }
        }
    }

    private static boolean hasElements(Tensor tensor) {
        return tensor.shape().rank() > 0 && tensor.shape().elementCount() != 0;
    }

    private static void check(Tensor tensor, List<?> data, byte[] json) {
        List<Object> leaves = new ArrayList<>();
        flatten(data, leaves);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        leaves.forEach(leaf -> expected.writeBytes(bytes(tensor.type(), leaf)));
        byte[] actual = Codec.bytes(tensor.buffer());
        if (!Arrays.equals(expected.toByteArray(), actual)) {
            throw new AssertionError(
                    "reads "
                            + HexFormat.of().formatHex(actual)
                            + ", expected "
                            + HexFormat.of().formatHex(expected.toByteArray())
                            + ": "
                            + text(json));
        }
    }

    private static void flatten(List<?> data, List<Object> leaves) {
        for (Object value : data) {
            if (value instanceof List<?> nested) {
                flatten(nested, leaves);
            } else {
                leaves.add(value);
            }
        }
    }

    private static byte[] bytes(DataType type, Object leaf) {
        ByteBuffer element = ByteBuffer.allocate(type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        return switch (type) {
            case BOOL -> element.put((byte) ((Boolean) leaf ? 1 : 0)).array();
            case UINT8, INT8 -> element.put(integer(leaf).byteValue()).array();
            case UINT16, INT16 -> element.putShort(integer(leaf).shortValue()).array();
            case UINT32, INT32 -> element.putInt(integer(leaf).intValue()).array();
            case UINT64, INT64 -> element.putLong(integer(leaf).longValue()).array();
            case FP32 -> element.putFloat((float) real(leaf)).array();
            case FP64 -> element.putDouble(real(leaf)).array();
            case BYTES -> string((String) leaf);
            case FP16 -> element.putShort(HalfFloats.toHalf(real(leaf))).array();
            case BF16 -> element.putShort(HalfFloats.toBfloat(real(leaf))).array();
            case INVALID -> throw new AssertionError("an invalid type was read from JSON");
        };
    }

    private static BigInteger integer(Object leaf) {
        return new BigInteger(((Num) leaf).text());
    }

    private static double real(Object leaf) {
        return Double.parseDouble(((Num) leaf).text());
    }

    private static byte[] string(String leaf) {
        byte[] utf8 = leaf.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + utf8.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(utf8.length)
                .put(utf8)
                .array();
    }

    private static Optional<Object> tree(byte[] json) {
        try (JsonParser parser = JACKSON.createParser(json)) {
            parser.nextToken();
            return Optional.of(value(parser));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.putIfAbsent(name, value(parser));
                }
                yield members;
            }
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser));
                }
                yield elements;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Optional.empty();
            default -> new Num(parser.getText());
        };
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
