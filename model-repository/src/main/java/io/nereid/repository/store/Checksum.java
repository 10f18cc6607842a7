package io.nereid.repository.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What a store says that the bytes of an object add up to.
 *
 * @param hex lower-case hexadecimal digits, most significant byte first
 */
public record Checksum(Algorithm algorithm, String hex) {
    private static final int BUFFER = 1 << 16;

    /** How bytes are added up. */
    public enum Algorithm {
        /** RFC 1321. */
        MD5,
        /** RFC 3720, the Castagnoli polynomial. */
        CRC32C
    }

    /** Takes the digits in either case. */
    public Checksum {
        hex = hex.toLowerCase(Locale.ROOT);
    }

    /** A checksum of these bytes, most significant first. */
    public static Checksum ofBytes(Algorithm algorithm, byte[] sum) {
        return new Checksum(algorithm, HexFormat.of().formatHex(sum));
    }

    /** The same sum over a file's bytes. Blocks. */
    Checksum of(Path file) throws IOException {
        return new Checksum(
                algorithm,
                switch (algorithm) {
                    case MD5 -> md5(file);
                    case CRC32C -> crc32c(file);
                });
    }

    private static String md5(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
        feed(file, digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String crc32c(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        feed(file, crc::update);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private interface Sum {
        void update(byte[] bytes);
    }

    private static void feed(Path file, Sum sum) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sum.update(read == BUFFER ? buffer : Arrays.copyOf(buffer, read));
            }
        }
    }
}
