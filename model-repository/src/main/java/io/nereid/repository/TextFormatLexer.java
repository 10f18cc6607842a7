package io.nereid.repository;

import io.nereid.repository.validation.TextPosition;

/**
 * Splits protobuf text format into tokens. Made for texts that the parser has accepted or is about
 * to judge: it never fails, what it does not know is a token of one character.
 */
final class TextFormatLexer {
    /** Kind of a token. */
    enum Kind {
        /** A name or a number. */
        WORD,
        STRING,
        SYMBOL,
        END
    }

    private final String text;
    private int next;
    private int line = 1;
    private int lineStart;
    private Kind kind = Kind.END;
    private int start;

    TextFormatLexer(String text) {
        this.text = text;
        advance();
    }

    /** Kind of the token at hand. */
    Kind kind() {
        return kind;
    }

    /** Index of the first character of the token at hand. */
    int start() {
        return start;
    }

    /** The token at hand. */
    String token() {
        return text.substring(start, next);
    }

    /** Whether the token at hand is this symbol. */
    boolean at(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(start) == symbol;
    }

    /** Where the token at hand begins. */
    TextPosition position() {
        return new TextPosition(line, start - lineStart + 1);
    }

    /** Goes on to the next token. */
    void advance() {
        skipBlanks();
        start = next;
        if (next == text.length()) {
            kind = Kind.END;
            return;
        }
        char first = text.charAt(next++);
        if (first == '"' || first == '\'') {
            kind = Kind.STRING;
            skipString(first);
        } else if (isWordPart(first)) {
            kind = Kind.WORD;
            while (next < text.length() && continuesWord(first)) {
                next++;
            }
        } else {
            kind = Kind.SYMBOL;
        }
    }

    private void skipBlanks() {
        boolean comment = false;
        while (next < text.length()) {
            char c = text.charAt(next);
            if (c == '\n') {
                line++;
                lineStart = next + 1;
                comment = false;
            } else if (c == '#') {
                comment = true;
            } else if (!comment && !Character.isWhitespace(c)) {
                return;
            }
            next++;
        }
    }

    private void skipString(char quote) {
        while (next < text.length() && text.charAt(next) != '\n') {
            char c = text.charAt(next++);
            if (c == quote) {
                return;
            }
            if (c == '\\' && next < text.length()) {
                next++;
            }
        }
    }

    private boolean continuesWord(char first) {
        char c = text.charAt(next);
        char before = text.charAt(next - 1);
        boolean exponent = !Character.isLetter(first) && (before == 'e' || before == 'E');
        return isWordPart(c) || (exponent && (c == '-' || c == '+'));
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.';
    }
}
