package io.nereid.server.http;

import java.util.Arrays;

/** Base64 as the reference reads it: what is no digit is passed over, whatever is left is cut. */
final class LenientBase64 {
    private LenientBase64() {}

    static byte[] decode(String text) {
        byte[] bytes = new byte[(int) (text.length() * 3L / 4)];
        int size = 0;
        int bits = 0;
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                continue;
            }
            bits = bits << 6 | digit;
            count += 6;
            if (count >= 8) {
                count -= 8;
                bytes[size++] = (byte) (bits >> count);
            }
        }
        return Arrays.copyOf(bytes, size);
    }

    private static int digit(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    }
}
