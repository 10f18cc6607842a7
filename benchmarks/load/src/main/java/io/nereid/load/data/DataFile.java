package io.nereid.load.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON file of inputs, as perf_analyzer takes it: {@code {"data": [{"INPUT": [1, 2]}, ...]}}, or
 * an array for each stream. A value is an array of elements, {@code {"b64": text}}, or {@code
 * {"content": either, "shape": [...]}}. Other members are not looked at.
 */
final class DataFile {
    /** Elements of an input, and its extents if the file gives them. */
    record Cell(Optional<Shape> dims, Elements elements) {
        byte[] bytes() {
            return elements.bytes;
        }
    }

    /** The inputs of one request; {@code place} says which for messages. */
    record Row(String place, Map<String, Cell> cells) {}

    /** A binary tensor. */
    private static final class Elements {
        private final byte[] bytes;

        Elements(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    private final Path file;
    private final Map<String, DataType> types = new LinkedHashMap<>();
    private final JsonParser json;

    private DataFile(Path file, List<InputSpec> inputs, JsonParser json) {
        this.file = file;
        this.json = json;
        inputs.forEach(input -> types.put(input.name(), input.type()));
    }

    /**
     * The streams of a file.
     *
     * @throws StatusException INVALID_ARG with the place of what is wrong
     */
    static List<List<Row>> read(Path file, List<InputSpec> inputs) {
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            DataFile reader = new DataFile(file, inputs, json);
            List<List<Row>> streams = reader.document();
            if (streams.isEmpty()) {
                throw reader.wrong("has no requests in \"data\"");
            }
            return streams;
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private List<List<Row>> document() throws IOException {
        List<List<Row>> streams = new ArrayList<>();
        expect(json.nextToken(), JsonToken.START_OBJECT, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean data = json.currentName().equals("data");
            JsonToken value = json.nextToken();
            if (data) {
                expect(value, JsonToken.START_ARRAY, "an array as \"data\"");
                streams.addAll(data());
            } else {
                json.skipChildren();
            }
        }
        return streams;
    }

    private List<List<Row>> data() throws IOException {
        List<List<Row>> streams = new ArrayList<>();
        List<Row> plain = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.START_ARRAY) {
                List<Row> stream = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    stream.add(row());
                }
                if (stream.isEmpty()) {
                    throw wrong("has a stream without requests");
                }
                streams.add(stream);
            } else {
                plain.add(row());
            }
        }
        if (!plain.isEmpty()) {
            streams.add(plain);
        }
        return streams;
    }

    private Row row() throws IOException {
        expect(json.currentToken(), JsonToken.START_OBJECT, "an object with a member per input");
        String place = file + ", line " + json.currentLocation().getLineNr() + ":";
        Map<String, Cell> cells = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            DataType type = types.get(name);
            if (type == null) {
                throw wrong("names input '" + name + "', the model has " + types.keySet());
            }
            json.nextToken();
            cells.put(name, cell(type));
        }
        return new Row(place, cells);
    }

    private Cell cell(DataType type) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return new Cell(Optional.empty(), elements(type));
        }
        Optional<Shape> shape = Optional.empty();
        Optional<Elements> elements = Optional.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String member = json.currentName();
            json.nextToken();
            switch (member) {
                case "b64" -> elements = Optional.of(new Elements(json.getBinaryValue()));
                case "content" -> elements = Optional.of(content(type));
                case "shape" -> shape = Optional.of(shape());
                default -> throw wrong("has the unknown member \"" + member + "\"");
            }
        }
        if (elements.isEmpty()) {
            throw wrong("has an input without \"content\" or \"b64\"");
        }
        return new Cell(shape, elements.get());
    }

    private Elements content(DataType type) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return elements(type);
        }
        json.nextToken();
        expect(json.currentToken(), JsonToken.FIELD_NAME, "\"b64\"");
        json.nextToken();
        Elements elements = new Elements(json.getBinaryValue());
        expect(json.nextToken(), JsonToken.END_OBJECT, "nothing beside \"b64\"");
        return elements;
    }

    /** One element, or arrays of them, nested or not. */
    private Elements elements(DataType type) throws IOException {
        ElementWriter writer = new ElementWriter(type);
        int depth = 0;
        do {
            switch (json.currentToken()) {
                case START_ARRAY -> depth++;
                case END_ARRAY -> depth--;
                default -> element(type, writer);
            }
        } while (depth > 0 && json.nextToken() != null);
        return new Elements(writer.toByteArray());
    }

    private void element(DataType type, ElementWriter writer) throws IOException {
        JsonToken token = json.currentToken();
        if (type == DataType.BYTES && token == JsonToken.VALUE_STRING) {
            writer.text(json.getText());
        } else if (type == DataType.BOOL && token.isBoolean()) {
            writer.number(json.getBooleanValue() ? 1 : 0, 0);
        } else if (type != DataType.BYTES && token == JsonToken.VALUE_NUMBER_INT) {
            writer.number(json.getBigIntegerValue().longValue(), json.getDoubleValue());
        } else if (type != DataType.BYTES && token == JsonToken.VALUE_NUMBER_FLOAT) {
            writer.number((long) json.getDoubleValue(), json.getDoubleValue());
        } else {
            throw wrong("has " + json.getText() + " as an element of type " + type);
        }
    }

    private Shape shape() throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, "an array as \"shape\"");
        List<Long> dims = new ArrayList<>();
        while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            dims.add(json.getLongValue());
        }
        expect(json.currentToken(), JsonToken.END_ARRAY, "whole numbers in \"shape\"");
        return Shape.of(dims);
    }

    private void expect(JsonToken found, JsonToken wanted, String what) {
        if (found != wanted) {
            throw wrong("should have " + what);
        }
    }

    private StatusException wrong(String what) {
        return StatusException.invalidArgument(
                file + ", line " + json.currentLocation().getLineNr() + ": " + what);
    }
}
