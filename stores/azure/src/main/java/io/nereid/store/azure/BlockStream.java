package io.nereid.store.azure;

import com.azure.storage.blob.models.BlobRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The rest of a blob, asked for block by block: the SDK pushes bytes, the reader pulls them. What
 * the SDK throws while it is read is a broken connection. Used by one thread.
 */
final class BlockStream extends InputStream {
    /** Bytes asked for at a time. */
    private static final int BLOCK = 4 << 20;

    /** Downloads a part of the blob. */
    interface Download {
        /** Writes the part and returns the MD5 sum of the whole blob, where it has one. */
        Optional<byte[]> run(BlobRange range, OutputStream out);
    }

    private final long size;
    private final Download download;
    private long next;
    private byte[] block = new byte[0];
    private int position;

    /**
     * @param offset byte to begin with
     * @param size of the whole blob
     */
    BlockStream(long offset, long size, Download download) {
        this.next = offset;
        this.size = size;
        this.download = download;
    }

    /** Downloads the next block; throws what the SDK throws. */
    Optional<byte[]> readBlock() {
        int wanted = (int) Math.min(BLOCK, size - next);
        ByteArrayOutputStream out = new ByteArrayOutputStream(wanted);
        Optional<byte[]> sum = download.run(new BlobRange(next, (long) wanted), out);
        block = out.toByteArray();
        position = 0;
        next += block.length;
        return sum;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        if (position == block.length && next < size) {
            try {
                Optional<byte[]> _ = readBlock();
            } catch (RuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        int left = block.length - position;
        if (left == 0) {
            return -1;
        }
        int taken = Math.min(left, count);
        System.arraycopy(block, position, bytes, from, taken);
        position += taken;
        return taken;
    }
}
