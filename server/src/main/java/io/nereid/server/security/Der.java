package io.nereid.server.security;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/** As much of the encoding of keys (X.690) as it takes to put one form into another. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int SEQUENCE = 0x30;

    /** The first optional element of a structure. */
    static final int CONTEXT_0 = 0xa0;

    private Der() {}

    /** An element whose content is {@code parts}, one after the other. */
    static byte[] element(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /**
     * The content of the first element of that tag among those that lie side by side in {@code
     * elements}.
     *
     * @throws IllegalArgumentException if this is not the encoding of elements
     */
    static Optional<byte[]> find(int tag, byte[] elements) {
        int at = 0;
        while (at < elements.length) {
            int start = at + 2;
            long length = byteAt(elements, at + 1);
            if (length >= 0x80) {
                int bytes = (int) length & 0x7f;
                length = 0;
                for (int i = 0; i < Math.min(bytes, 8); i++) {
                    length = length << 8 | byteAt(elements, start + i);
                }
                start += bytes;
            }
            if (length < 0 || length > elements.length - start) {
                throw new IllegalArgumentException("an element is longer than its content");
            }
            int end = start + (int) length;
            if (byteAt(elements, at) == tag) {
                return Optional.of(Arrays.copyOfRange(elements, start, end));
            }
            at = end;
        }
        return Optional.empty();
    }

    private static int byteAt(byte[] bytes, int index) {
        if (index >= bytes.length) {
            throw new IllegalArgumentException("the encoding ends early");
        }
        return bytes[index] & 0xff;
    }
}
