package io.nereid.backend.dali.image;

import javax.imageio.stream.ImageInputStreamImpl;

/** An encoded picture in memory as ImageIO wants it, without a copy or a cache file. */
final class ByteArrayImageStream extends ImageInputStreamImpl {
    private final byte[] data;

    ByteArrayImageStream(byte[] data) {
        this.data = data;
    }

    @Override
    public int read() {
        bitOffset = 0;
        return streamPos < data.length ? data[(int) streamPos++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        bitOffset = 0;
        if (streamPos >= data.length) {
            return -1;
        }
        int n = (int) Math.min(length, data.length - streamPos);
        System.arraycopy(data, (int) streamPos, target, offset, n);
        streamPos += n;
        return n;
    }

    @Override
    public long length() {
        return data.length;
    }
}
