package io.nereid.backend.dali.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads and writes runs of elements in a byte array: little-endian and packed, as everywhere. All
 * positions count elements. The type is looked at once a run, so the loops stay plain.
 */
public final class Elements {
    static final VarHandle SHORT = view(short[].class);
    static final VarHandle INT = view(int[].class);
    static final VarHandle LONG = view(long[].class);
    static final VarHandle FLOAT = view(float[].class);
    static final VarHandle DOUBLE = view(double[].class);

    private static final float HALF_MAX = 65504f;

    private Elements() {}

    /** Reads {@code n} elements from {@code start} on, each {@code stride} after the last. */
    public static void toDoubles(
            ElementType type, byte[] data, int start, int stride, int n, double[] out) {
        switch (type) {
            case FLOAT -> {
                for (int i = 0, p = start; i < n; i++, p += stride) {
                    out[i] = (float) FLOAT.get(data, p * 4);
                }
            }
            case FLOAT64 -> {
                for (int i = 0, p = start; i < n; i++, p += stride) {
                    out[i] = (double) DOUBLE.get(data, p * 8);
                }
            }
            case FLOAT16 -> {
                for (int i = 0, p = start; i < n; i++, p += stride) {
                    out[i] = Float.float16ToFloat((short) SHORT.get(data, p * 2));
                }
            }
            case UINT8, BOOL, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> {
                for (int i = 0, p = start; i < n; i++, p += stride) {
                    long value = getLong(type, data, p);
                    out[i] = type == ElementType.UINT64 ? unsignedToDouble(value) : (double) value;
                }
            }
        }
    }

    /** Reads {@code n} consecutive elements from {@code start} on as 32-bit floats. */
    public static void toFloats(ElementType type, byte[] data, int start, int n, float[] out) {
        switch (type) {
            case UINT8 -> {
                for (int i = 0; i < n; i++) {
                    out[i] = data[start + i] & 0xFF;
                }
            }
            case FLOAT -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FLOAT.get(data, (start + i) * 4);
                }
            }
            case BOOL, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FLOAT16, FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) getDouble(type, data, start + i);
                }
            }
        }
    }

    /**
     * Reads {@code n} elements from {@code start} on, each {@code stride} after the last, as 64-bit
     * integers; floats are cut off, UINT64 keeps its bits.
     */
    public static void toLongs(
            ElementType type, byte[] data, int start, int stride, int n, long[] out) {
        for (int i = 0, p = start; i < n; i++, p += stride) {
            out[i] = type.isFloat() ? (long) getDouble(type, data, p) : getLong(type, data, p);
        }
    }

    /** One element as a double. */
    public static double getDouble(ElementType type, byte[] data, int index) {
        return switch (type) {
            case FLOAT -> (float) FLOAT.get(data, index * 4);
            case FLOAT64 -> (double) DOUBLE.get(data, index * 8);
            case FLOAT16 -> Float.float16ToFloat((short) SHORT.get(data, index * 2));
            case UINT64 -> unsignedToDouble((long) LONG.get(data, index * 8));
            case UINT8, BOOL, UINT16, UINT32, INT8, INT16, INT32, INT64 ->
                    (double) getLong(type, data, index);
        };
    }

    /** One integer or bool; UINT64 keeps its bits, floats are cut off. */
    public static long getLong(ElementType type, byte[] data, int index) {
        return switch (type) {
            case UINT8, BOOL -> data[index] & 0xFF;
            case INT8 -> data[index];
            case UINT16 -> (short) SHORT.get(data, index * 2) & 0xFFFF;
            case INT16 -> (short) SHORT.get(data, index * 2);
            case UINT32 -> Integer.toUnsignedLong((int) INT.get(data, index * 4));
            case INT32 -> (int) INT.get(data, index * 4);
            case UINT64, INT64 -> (long) LONG.get(data, index * 8);
            case FLOAT16, FLOAT, FLOAT64 -> (long) getDouble(type, data, index);
        };
    }

    /** Writes {@code n} values with ConvertSat (section 5). */
    public static void fromDoubles(ElementType type, double[] in, int n, byte[] data, int start) {
        for (int i = 0; i < n; i++) {
            setSaturated(type, data, start + i, in[i]);
        }
    }

    /** Writes {@code n} values with ConvertSat (section 5). */
    public static void fromFloats(ElementType type, float[] in, int n, byte[] data, int start) {
        switch (type) {
            case UINT8 -> {
                for (int i = 0; i < n; i++) {
                    data[start + i] = saturateToUint8(in[i]);
                }
            }
            case FLOAT -> {
                for (int i = 0; i < n; i++) {
                    FLOAT.set(data, (start + i) * 4, in[i]);
                }
            }
            case BOOL, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FLOAT16, FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    setSaturated(type, data, start + i, in[i]);
                }
            }
        }
    }

    /** Writes one value with ConvertSat: rounded half away from zero, clamped, NaN gives 0. */
    public static void setSaturated(ElementType type, byte[] data, int index, double value) {
        switch (type) {
            case FLOAT -> FLOAT.set(data, index * 4, (float) value);
            case FLOAT64 -> DOUBLE.set(data, index * 8, value);
            case FLOAT16 -> {
                float clamped = Math.min(HALF_MAX, Math.max(-HALF_MAX, (float) value));
                SHORT.set(data, index * 2, Float.floatToFloat16(clamped));
            }
            case BOOL -> data[index] = (byte) (value != 0 ? 1 : 0);
            case UINT64 -> LONG.set(data, index * 8, saturateToUint64(roundAway(value)));
            case INT64 -> LONG.set(data, index * 8, (long) roundAway(value));
            case UINT8, UINT16, UINT32, INT8, INT16, INT32 ->
                    setSaturated(type, data, index, (long) roundAway(value));
        }
    }

    /** Writes one integer with ConvertSat; it is signed. */
    public static void setSaturated(ElementType type, byte[] data, int index, long value) {
        switch (type) {
            case UINT8, UINT16, UINT32 ->
                    setWrapped(
                            type,
                            data,
                            index,
                            Math.clamp(value, 0L, (1L << (8 * type.byteSize())) - 1));
            case INT8, INT16, INT32 -> {
                long max = (1L << (8 * type.byteSize() - 1)) - 1;
                setWrapped(type, data, index, Math.clamp(value, -max - 1, max));
            }
            case UINT64 -> LONG.set(data, index * 8, Math.max(0, value));
            case INT64 -> LONG.set(data, index * 8, value);
            case BOOL -> data[index] = (byte) (value != 0 ? 1 : 0);
            case FLOAT16, FLOAT, FLOAT64 -> setSaturated(type, data, index, (double) value);
        }
    }

    /** Writes the low bits of an integer, as a C cast does; for a bool, whether it is not 0. */
    public static void setWrapped(ElementType type, byte[] data, int index, long value) {
        switch (type) {
            case UINT8, INT8 -> data[index] = (byte) value;
            case BOOL -> data[index] = (byte) (value != 0 ? 1 : 0);
            case UINT16, INT16 -> SHORT.set(data, index * 2, (short) value);
            case UINT32, INT32 -> INT.set(data, index * 4, (int) value);
            case UINT64, INT64 -> LONG.set(data, index * 8, value);
            case FLOAT16, FLOAT, FLOAT64 -> setSaturated(type, data, index, (double) value);
        }
    }

    /** Rounds to the nearest integer, halves away from zero, in double precision. */
    public static double roundAway(double value) {
        return value < 0 ? Math.ceil(value - 0.5) : Math.floor(value + 0.5);
    }

    /** An unsigned 64-bit integer as a double. */
    public static double unsignedToDouble(long bits) {
        return bits >= 0 ? (double) bits : ((double) (bits >>> 1) * 2.0) + (double) (bits & 1);
    }

    private static byte saturateToUint8(float value) {
        // the cast cuts off and maps NaN to 0; adding in double keeps 0.49999997f below one half
        int rounded = (int) (value + 0.5);
        return (byte) Math.clamp(rounded, 0, 255);
    }

    private static long saturateToUint64(double rounded) {
        if (!(rounded > 0)) {
            return 0;
        }
        if (rounded >= 0x1p64) {
            return -1L;
        }
        return rounded < 0x1p63 ? (long) rounded : (long) (rounded - 0x1p63) ^ Long.MIN_VALUE;
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }
}
