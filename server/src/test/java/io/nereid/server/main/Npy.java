package io.nereid.server.main;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads little-endian FP32 arrays from {@code .npy} files, version 1. */
final class Npy {
    private static final int HEADER_LENGTH = 8;

    private Npy() {}

    static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int data = HEADER_LENGTH + Short.BYTES + Short.toUnsignedInt(bytes.getShort(HEADER_LENGTH));
        float[] values = new float[(bytes.capacity() - data) / Float.BYTES];
        bytes.position(data);
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
