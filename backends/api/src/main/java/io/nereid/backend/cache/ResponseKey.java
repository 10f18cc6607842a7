package io.nereid.backend.cache;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Stands for a question: a digest of 256 bits, so that two questions with one key do not occur,
 * even if somebody looks for them. Therefore an answer is not compared with its question again.
 *
 * @param first the first 8 bytes, big-endian, and so on
 */
public record ResponseKey(long first, long second, long third, long fourth) {
    /** Bytes of a key. */
    public static final int BYTES = 4 * Long.BYTES;

    /**
     * The key of a digest.
     *
     * @param digest {@link #BYTES} bytes
     */
    public static ResponseKey of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalStateException("a digest of " + digest.length + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        return new ResponseKey(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    /** Hashes are spread already. */
    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }

    /** Hexadecimal digits. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(first)
                + hex.toHexDigits(second)
                + hex.toHexDigits(third)
                + hex.toHexDigits(fourth);
    }
}
