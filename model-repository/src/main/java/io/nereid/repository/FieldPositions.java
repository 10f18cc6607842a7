package io.nereid.repository;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.nereid.repository.validation.TextPosition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the fields of a configuration text stand, by path: {@code input[1].dims[0]}, entries of
 * maps also by key: {@code parameters["a"]}. Protobuf's own parse information gives all elements of
 * a list {@code input [ {...}, {...} ]} one place, so the text is walked a second time once the
 * parser has accepted it. Immutable.
 */
final class FieldPositions {
    private final Map<String, TextPosition> positions;

    private FieldPositions(Map<String, TextPosition> positions) {
        this.positions = positions;
    }

    /** Positions of a text that {@code type} could be read from. */
    static FieldPositions of(String text, Descriptor type) {
        Walk walk = new Walk(new TextFormatLexer(text));
        walk.fields("", Optional.of(type));
        return new FieldPositions(walk.positions);
    }

    /** Where a field stands; if it is absent, where the nearest field around it does. */
    Optional<TextPosition> find(String path) {
        String rest = path;
        while (!rest.isEmpty()) {
            TextPosition position = positions.get(rest);
            if (position != null) {
                return Optional.of(position);
            }
            rest = parent(rest);
        }
        return Optional.empty();
    }

    private static String parent(String path) {
        if (path.endsWith("\"]")) {
            return path.substring(0, path.lastIndexOf("[\""));
        }
        int cut = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
        return cut < 0 ? "" : path.substring(0, cut);
    }

    /** One walk over a text. */
    private static final class Walk {
        private final Map<String, TextPosition> positions = new HashMap<>();
        private final Map<String, Integer> counts = new HashMap<>();

        /** Keys of maps as they are written, by path. */
        private final Map<String, String> values = new HashMap<>();

        private final TextFormatLexer lexer;

        Walk(TextFormatLexer lexer) {
            this.lexer = lexer;
        }

        void fields(String prefix, Optional<Descriptor> type) {
            while (lexer.kind() != TextFormatLexer.Kind.END && !lexer.at('}') && !lexer.at('>')) {
                if (lexer.kind() != TextFormatLexer.Kind.WORD) {
                    lexer.advance();
                    continue;
                }
                field(prefix, type);
            }
        }

        private void field(String prefix, Optional<Descriptor> type) {
            String name = lexer.token();
            Optional<FieldDescriptor> field = type.map(message -> message.findFieldByName(name));
            String path = prefix + name;
            positions.putIfAbsent(path, lexer.position());
            TextPosition start = lexer.position();
            lexer.advance();
            if (lexer.at(':')) {
                lexer.advance();
            }
            if (!lexer.at('[')) {
                value(path, field, start);
                return;
            }
            lexer.advance();
            while (lexer.kind() != TextFormatLexer.Kind.END && !lexer.at(']')) {
                value(path, field, lexer.position());
                if (lexer.at(',')) {
                    lexer.advance();
                }
            }
            lexer.advance();
        }

        private void value(String path, Optional<FieldDescriptor> field, TextPosition start) {
            String element = path;
            if (field.map(FieldDescriptor::isRepeated).orElse(false)) {
                element = path + "[" + (counts.merge(path, 1, Integer::sum) - 1) + "]";
                positions.putIfAbsent(element, start);
            }
            if (lexer.at('{') || lexer.at('<')) {
                lexer.advance();
                fields(element + ".", messageType(field));
                lexer.advance();
                if (field.map(FieldDescriptor::isMapField).orElse(false)) {
                    nameEntry(path, element);
                }
                return;
            }
            String first = lexer.token();
            scalar();
            if (element.endsWith(".key")) {
                values.put(element, first);
            }
        }

        /** Of several entries with a key the last counts. */
        private void nameEntry(String path, String element) {
            String key = values.getOrDefault(element + ".key", "");
            boolean quoted = key.length() > 1 && (key.startsWith("'") || key.startsWith("\""));
            String name = quoted ? key.substring(1, key.length() - 1) : key;
            TextPosition position = positions.get(element + ".key");
            if (position != null) {
                positions.put(path + "[\"" + name + "\"]", position);
            }
        }

        private static Optional<Descriptor> messageType(Optional<FieldDescriptor> field) {
            return field.filter(known -> known.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                    .map(FieldDescriptor::getMessageType);
        }

        private void scalar() {
            if (lexer.at('-')) {
                lexer.advance();
            }
            boolean string = lexer.kind() == TextFormatLexer.Kind.STRING;
            lexer.advance();
            while (string && lexer.kind() == TextFormatLexer.Kind.STRING) {
                lexer.advance();
            }
        }
    }
}
