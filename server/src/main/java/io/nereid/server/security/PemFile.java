package io.nereid.server.security;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A PEM file as it was when it was read.
 *
 * @param role what the file is for, in the words of messages
 * @param text its content, byte by byte as Latin-1
 */
record PemFile(String role, Path path, String text) {
    private static final int LARGEST_FILE = 4 << 20;

    /**
     * Reads a file. Blocks.
     *
     * @throws StatusException INVALID_ARG naming the file if that is not possible
     */
    static PemFile read(String role, Path path) {
        PemFile named = new PemFile(role, path, "");
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw named.bad(
                        new IOException("expected at most " + LARGEST_FILE + " bytes, found more"));
            }
            return new PemFile(role, path, new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException _) {
            throw named.bad(new IOException("no such file"));
        } catch (IOException e) {
            throw named.bad(e);
        }
    }

    /** The failure that says what is wrong with this file. */
    StatusException bad(Exception cause) {
        String problem = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return new StatusException(
                StatusCode.INVALID_ARG, "TLS " + role + " '" + path + "': " + problem, cause);
    }

    /** A private key must not get into a log. */
    @Override
    public String toString() {
        return role + " " + path;
    }
}
