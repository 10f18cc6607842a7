package io.nereid.backend.dali.image;

/** Netpbm pictures P1 to P6: bitmaps, gray maps and pixel maps, as text or binary. */
final class PnmDecoder {
    private final byte[] data;
    private final int kind;
    private int position = 2;
    private final int width;
    private final int height;
    private final int maxValue;

    /** Reads the header. */
    PnmDecoder(byte[] data) {
        this.data = data;
        this.kind = data[1] - '0';
        this.width = number();
        this.height = number();
        this.maxValue = isBitmap() ? 1 : number();
        if (maxValue < 1 || maxValue > 65535) {
            throw ImageFormat.unsupported();
        }
        if (isBinary()) {
            position++;
        }
    }

    ImageInfo info() {
        return new ImageInfo(height, width, kind % 3 == 0 ? 3 : 1, 1);
    }

    Pixels decode() {
        int channels = info().channels();
        int rowLength = width * channels;
        byte[] out = new byte[Math.multiplyExact(rowLength, height)];
        if (isBinary() && data.length - position < bytesOfPixels(rowLength)) {
            throw ImageFormat.unsupported();
        }
        int o = 0;
        for (int y = 0; y < height; y++) {
            int bitRow = position;
            for (int x = 0; x < rowLength; x++) {
                out[o++] = (byte) value(bitRow, x);
            }
            if (kind == 4) {
                position = bitRow + (rowLength + 7) / 8;
            }
        }
        return Pixels.of8Bit(height, width, channels, out);
    }

    private long bytesOfPixels(int rowLength) {
        if (kind == 4) {
            return (long) height * ((rowLength + 7) / 8);
        }
        return (long) height * rowLength * (maxValue > 255 ? 2 : 1);
    }

    private int value(int bitRow, int x) {
        return switch (kind) {
            case 1 -> bit() == 0 ? 255 : 0;
            case 4 -> ((data[bitRow + x / 8] >> (7 - x % 8)) & 1) == 0 ? 255 : 0;
            case 2, 3 -> scaled(number());
            default -> scaled(binaryValue());
        };
    }

    private int binaryValue() {
        if (maxValue <= 255) {
            return data[position++] & 0xFF;
        }
        int high = data[position++] & 0xFF;
        return high << 8 | (data[position++] & 0xFF);
    }

    private int scaled(int value) {
        int clamped = Math.min(value, maxValue);
        if (maxValue == 255) {
            return clamped;
        }
        return maxValue < 255
                ? clamped * 255 / maxValue
                : (int) ((long) clamped * 65535 / maxValue) >> 8;
    }

    private int bit() {
        skipBlanks();
        int digit = position < data.length ? data[position++] - '0' : -1;
        if (digit != 0 && digit != 1) {
            throw ImageFormat.unsupported();
        }
        return digit;
    }

    private int number() {
        skipBlanks();
        int value = 0;
        int digits = 0;
        while (position < data.length && data[position] >= '0' && data[position] <= '9') {
            value = value * 10 + (data[position] - '0');
            position++;
            if (++digits > 8) {
                throw ImageFormat.unsupported();
            }
        }
        if (digits == 0) {
            throw ImageFormat.unsupported();
        }
        return value;
    }

    private void skipBlanks() {
        while (position < data.length) {
            if (data[position] == '#') {
                while (position < data.length && data[position] != '\n') {
                    position++;
                }
            } else if (data[position] > ' ') {
                return;
            } else {
                position++;
            }
        }
    }

    private boolean isBitmap() {
        return kind == 1 || kind == 4;
    }

    private boolean isBinary() {
        return kind >= 4;
    }
}
