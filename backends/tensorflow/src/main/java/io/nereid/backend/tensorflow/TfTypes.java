package io.nereid.backend.tensorflow;

import io.nereid.protocol.DataType;

/** Numbers of the element types in TensorFlow. */
final class TfTypes {
    private TfTypes() {}

    /** The number of a type; 0 for none. */
    static int number(DataType type) {
        return switch (type) {
            case INVALID -> 0;
            case FP32 -> 1;
            case FP64 -> 2;
            case INT32 -> 3;
            case UINT8 -> 4;
            case INT16 -> 5;
            case INT8 -> 6;
            case BYTES -> 7;
            case INT64 -> 9;
            case BOOL -> 10;
            case BF16 -> 14;
            case UINT16 -> 17;
            case FP16 -> 19;
            case UINT32 -> 22;
            case UINT64 -> 23;
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
}
