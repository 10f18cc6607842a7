package io.nereid.repository.validation;

/**
 * A place in a text file.
 *
 * @param line number of the line, from 1
 * @param column number of the character in its line, from 1
 */
public record TextPosition(int line, int column) {
    @Override
    public String toString() {
        return line + ":" + column;
    }
}
