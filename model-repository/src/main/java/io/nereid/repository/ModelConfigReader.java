package io.nereid.repository;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads {@code config.pbtxt}: protobuf text format (model-config section 2). */
final class ModelConfigReader {
    private static final TextFormat.Parser PARSER =
            TextFormat.Parser.newBuilder()
                    .setSingularOverwritePolicy(
                            TextFormat.Parser.SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
                    .build();
    private static final String UNKNOWN_FIELDS = "Input contains unknown fields";

    private ModelConfigReader() {}

    /**
     * Reads a configuration and remembers where its fields stand.
     *
     * @throws StatusException INTERNAL if the file cannot be read, or {@code failed to read text
     *     proto from {path}:{line}:{column}: ...} if it is not a configuration
     */
    static ConfigSource read(Path file) {
        String text = withSignsJoined(text(file));
        ModelConfigProto.ModelConfig.Builder config = ModelConfigProto.ModelConfig.newBuilder();
        try {
            PARSER.merge(text, config);
        } catch (TextFormat.ParseException e) {
            throw malformed(file, ":" + e.getLine() + ":" + e.getColumn() + ": " + detail(e), e);
        }
        FieldPositions positions =
                FieldPositions.of(text, ModelConfigProto.ModelConfig.getDescriptor());
        return ConfigSource.of(config.build(), file, positions);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw malformed(file, ": the file is not valid UTF-8", e);
        } catch (IOException e) {
            String reason =
                    e instanceof NoSuchFileException ? "No such file or directory" : reason(e);
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to open text file for read " + file + ": " + reason,
                    e);
        }
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    private static StatusException malformed(Path file, String detail, Exception cause) {
        return new StatusException(
                StatusCode.INTERNAL, "failed to read text proto from " + file + detail, cause);
    }

    /** The parser's own words without the position that it puts in front of them. */
    private static String detail(TextFormat.ParseException e) {
        String message = String.valueOf(e.getMessage());
        String position = e.getLine() + ":" + e.getColumn() + ": ";
        String detail =
                message.startsWith(position) ? message.substring(position.length()) : message;
        if (detail.startsWith(UNKNOWN_FIELDS)) {
            return unknownField(detail);
        }
        if (detail.indexOf('\uFEFF') >= 0) {
            return "the file begins with a byte-order mark, save it as UTF-8 without one";
        }
        return detail;
    }

    /** From {@code ...extensions:\n6:1:\tinference.ModelConfig.foo\n...} to the first of them. */
    private static String unknownField(String detail) {
        String first = detail.lines().skip(1).findFirst().orElse(detail);
        String field = first.substring(first.lastIndexOf('\t') + 1);
        int dot = field.lastIndexOf('.');
        return "unknown field \""
                + field.substring(dot + 1)
                + "\" in "
                + field.substring(0, Math.max(dot, 0)).replaceFirst("^inference\\.", "");
    }

    /**
     * The reference's parser takes blanks between a sign and its number, Java's does not: moves
     * such a sign to its number, so that every other character keeps its place.
     */
    private static String withSignsJoined(String text) {
        StringBuilder joined = new StringBuilder(text);
        TextFormatLexer lexer = new TextFormatLexer(text);
        while (lexer.kind() != TextFormatLexer.Kind.END) {
            boolean sign = lexer.at('-');
            int at = lexer.start();
            lexer.advance();
            int before = lexer.start() - 1;
            if (sign
                    && lexer.kind() == TextFormatLexer.Kind.WORD
                    && before > at
                    && text.charAt(before) == ' ') {
                joined.setCharAt(at, ' ');
                joined.setCharAt(before, '-');
            }
        }
        return joined.toString();
    }
}
