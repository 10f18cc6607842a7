package io.nereid.backend.onnxruntime;

import io.nereid.protocol.DataType;

/** Numbers of the element types in the C API. */
final class OrtTypes {
    private OrtTypes() {}

    /** The number of a type; 0 for none. */
    static int number(DataType type) {
        return switch (type) {
            case INVALID -> 0;
            case FP32 -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case UINT16 -> 4;
            case INT16 -> 5;
            case INT32 -> 6;
            case INT64 -> 7;
            case BYTES -> 8;
            case BOOL -> 9;
            case FP16 -> 10;
            case FP64 -> 11;
            case UINT32 -> 12;
            case UINT64 -> 13;
            case BF16 -> 16;
        };
    }

    /** The type of a number, {@link DataType#INVALID} for those that the protocol lacks. */
    static DataType type(int number) {
        for (DataType type : DataType.values()) {
            if (number(type) == number) {
                return type;
            }
        }
        return DataType.INVALID;
    }

    /** The engine's name of a type in messages. */
    static String name(DataType type) {
        return switch (type) {
            case FP32 -> "FLOAT";
            case FP64 -> "DOUBLE";
            case FP16 -> "FLOAT16";
            case BF16 -> "BFLOAT16";
            case BYTES -> "STRING";
            case INVALID -> "UNDEFINED";
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> type.name();
        };
    }
}
