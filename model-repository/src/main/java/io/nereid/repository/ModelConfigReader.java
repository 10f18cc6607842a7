package io.nereid.repository;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.Advice;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.ConfigSyntaxException.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads {@code config.pbtxt}: protobuf text format (model-config section 2). */
final class ModelConfigReader {
    private static final TextFormat.Parser PARSER =
            TextFormat.Parser.newBuilder()
                    .setSingularOverwritePolicy(
                            TextFormat.Parser.SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
                    .build();

    /** Deeper than any configuration; a parser that calls itself must not run out of stack. */
    private static final int MAX_DEPTH = 64;

    /** Larger than any configuration. */
    private static final long MAX_BYTES = 64L << 20;

    private ModelConfigReader() {}

    /**
     * Reads a configuration and remembers where its fields stand.
     *
     * @throws ConfigSyntaxException INTERNAL if the file cannot be read, or {@code failed to read
     *     text proto from {path}:{line}:{column}: ...} if it is not a configuration
     */
    static ConfigSource read(Path file) {
        String written = text(file);
        checkDepth(file, written);
        String text = withSignsJoined(written);
        ModelConfigProto.ModelConfig.Builder config = ModelConfigProto.ModelConfig.newBuilder();
        try {
            PARSER.merge(text, config);
        } catch (TextFormat.ParseException e) {
            throw ConfigSyntaxException.malformed(file, SyntaxProblems.of(text, e));
        }
        FieldPositions positions =
                FieldPositions.of(text, ModelConfigProto.ModelConfig.getDescriptor());
        return ConfigSource.of(config.build(), file, positions);
    }

    private static String text(Path file) {
        if (PlainFiles.isSpecial(file)) {
            throw ConfigSyntaxException.unreadable(
                    file,
                    "it " + PlainFiles.SPECIAL,
                    new Advice("a text file", "a pipe, socket or device", "write a file instead"));
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ConfigSyntaxException.unreadable(
                        file,
                        "it is larger than " + (MAX_BYTES >> 20) + " MiB",
                        Advice.fix("keep to the configuration in this file"));
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            Advice advice =
                    new Advice("text", "bytes that are not UTF-8", "save the file as UTF-8 text");
            throw ConfigSyntaxException.malformed(
                    file,
                    List.of(
                            new Problem(
                                    Optional.empty(), "", "the file is not valid UTF-8", advice)));
        } catch (NoSuchFileException e) {
            throw ConfigSyntaxException.unreadable(
                    file,
                    "No such file or directory",
                    Advice.fix("write the file, or let the engine complete the configuration"));
        } catch (IOException e) {
            throw ConfigSyntaxException.unreadable(file, reason(file, e), readable(file));
        }
    }

    private static String reason(Path file, IOException e) {
        String message = e.getMessage();
        return e instanceof AccessDeniedException
                ? "Permission denied"
                : message == null || message.equals(file.toString()) ? e.toString() : message;
    }

    private static Advice readable(Path file) {
        return Files.isDirectory(file)
                ? new Advice("a text file", "a directory", "remove or rename the directory")
                : Advice.fix("let the server read the file");
    }

    private static void checkDepth(Path file, String text) {
        int depth = 0;
        TextFormatLexer lexer = new TextFormatLexer(text);
        while (lexer.kind() != TextFormatLexer.Kind.END) {
            if (lexer.at('{') || lexer.at('<') || lexer.at('[')) {
                depth++;
            } else if (lexer.at('}') || lexer.at('>') || lexer.at(']')) {
                depth--;
            }
            if (depth > MAX_DEPTH) {
                Problem tooDeep =
                        new Problem(
                                Optional.of(lexer.position()),
                                "",
                                "blocks are nested more than " + MAX_DEPTH + " deep",
                                Advice.fix("look for braces that are not closed"));
                throw ConfigSyntaxException.malformed(file, List.of(tooDeep));
            }
            lexer.advance();
        }
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
