package io.nereid.backend.dali.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Small unsigned numbers in the first directory of a TIFF structure, which is what TIFF files and
 * EXIF blocks are. Whatever is broken is as if it were not there.
 */
final class TiffDirectory {
    static final int WIDTH = 0x100;
    static final int HEIGHT = 0x101;
    static final int ORIENTATION = 0x112;
    static final int SAMPLES_PER_PIXEL = 0x115;
    static final int PHOTOMETRIC = 0x106;

    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRY_BYTES = 12;

    private final Map<Integer, Long> values = new HashMap<>();

    private TiffDirectory() {}

    /** Reads the structure that begins at {@code start}. */
    static TiffDirectory read(byte[] data, int start, int length) {
        TiffDirectory directory = new TiffDirectory();
        if (length < 8) {
            return directory;
        }
        ByteBuffer block = ByteBuffer.wrap(data, start, length).slice();
        block.order(block.get(0) == 'M' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long position = Integer.toUnsignedLong(block.getInt(4));
        if (position + 2 > length) {
            return directory;
        }
        int entries = block.getShort((int) position) & 0xFFFF;
        for (int i = 0; i < entries; i++) {
            long entry = position + 2 + (long) ENTRY_BYTES * i;
            if (entry + ENTRY_BYTES > length) {
                break;
            }
            directory.readEntry(block, (int) entry);
        }
        return directory;
    }

    /** Value of a tag, or {@code otherwise}. */
    long value(int tag, long otherwise) {
        return values.getOrDefault(tag, otherwise);
    }

    private void readEntry(ByteBuffer block, int entry) {
        int tag = block.getShort(entry) & 0xFFFF;
        int type = block.getShort(entry + 2) & 0xFFFF;
        if (type == SHORT) {
            values.putIfAbsent(tag, (long) (block.getShort(entry + 8) & 0xFFFF));
        } else if (type == LONG) {
            values.putIfAbsent(tag, Integer.toUnsignedLong(block.getInt(entry + 8)));
        }
    }
}
