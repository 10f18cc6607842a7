package io.nereid.backend.scheduler.cache;

import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A digest of values that are told apart by their lengths, so that no two sequences of values give
 * the same bytes. Used by one thread at a time.
 */
final class KeyDigest {
    /** A buffer cannot be longer than an int says. */
    private static final long CHUNK = 1L << 30;

    private final MessageDigest digest;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    private KeyDigest(MessageDigest digest) {
        this.digest = digest;
    }

    /** An empty digest. */
    static KeyDigest start() {
        try {
            return new KeyDigest(MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A digest that goes on from here; this one stays as it is. */
    KeyDigest fork() {
        try {
            return new KeyDigest((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    KeyDigest add(long value) {
        digest.update(number.putLong(0, value).array());
        return this;
    }

    KeyDigest add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        digest.update(bytes);
        return this;
    }

    KeyDigest add(Shape shape) {
        add(shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            add(shape.dim(i));
        }
        return this;
    }

    KeyDigest add(MemorySegment bytes) {
        add(bytes.byteSize());
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            long length = Math.min(CHUNK, bytes.byteSize() - at);
            digest.update(bytes.asSlice(at, length).asByteBuffer());
        }
        return this;
    }

    /** The key of all that was added; ends this digest. */
    ResponseKey key() {
        return ResponseKey.of(digest.digest());
    }
}
