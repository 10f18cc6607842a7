package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.HashMap;
import java.util.Map;

/**
 * Element type of a tensor. The constants' names are the names on the wire (KServe v2, "Tensor Data
 * Types"), except {@link #INVALID}.
 */
public enum DataType {
    /** A type name that the protocol does not know; refused when a request is validated. */
    INVALID(0, ModelConfigProto.DataType.TYPE_INVALID),
    BOOL(1, ModelConfigProto.DataType.TYPE_BOOL),
    UINT8(1, ModelConfigProto.DataType.TYPE_UINT8),
    UINT16(2, ModelConfigProto.DataType.TYPE_UINT16),
    UINT32(4, ModelConfigProto.DataType.TYPE_UINT32),
    UINT64(8, ModelConfigProto.DataType.TYPE_UINT64),
    INT8(1, ModelConfigProto.DataType.TYPE_INT8),
    INT16(2, ModelConfigProto.DataType.TYPE_INT16),
    INT32(4, ModelConfigProto.DataType.TYPE_INT32),
    INT64(8, ModelConfigProto.DataType.TYPE_INT64),
    FP16(2, ModelConfigProto.DataType.TYPE_FP16),
    FP32(4, ModelConfigProto.DataType.TYPE_FP32),
    FP64(8, ModelConfigProto.DataType.TYPE_FP64),
    BF16(2, ModelConfigProto.DataType.TYPE_BF16),
    /**
     * Elements of any length: in a buffer each is a 4-byte little-endian unsigned length followed
     * by that many bytes.
     */
    BYTES(0, ModelConfigProto.DataType.TYPE_STRING);

    private static final Map<String, DataType> BY_WIRE_NAME = new HashMap<>();

    static {
        for (DataType type : values()) {
            if (type != INVALID) {
                BY_WIRE_NAME.put(type.name(), type);
            }
        }
    }

    private final int byteSize;
    private final ModelConfigProto.DataType configType;

    DataType(int byteSize, ModelConfigProto.DataType configType) {
        this.byteSize = byteSize;
        this.configType = configType;
    }

    /** The type of that name on the wire (letter case matters), or {@link #INVALID}. */
    public static DataType ofWireName(String name) {
        return BY_WIRE_NAME.getOrDefault(name, INVALID);
    }

    /** The type that a model configuration names. Unknown numbers give {@link #INVALID}. */
    public static DataType ofConfig(ModelConfigProto.DataType configType) {
        for (DataType type : values()) {
            if (type.configType == configType) {
                return type;
            }
        }
        return INVALID;
    }

    /** Name on the wire and in messages to clients; {@code <invalid>} for {@link #INVALID}. */
    public String wireName() {
        return this == INVALID ? "<invalid>" : name();
    }

    /** The constant of the model configuration, such as {@code TYPE_FP32}. */
    public ModelConfigProto.DataType configType() {
        return configType;
    }

    /** Bytes of one element; 0 where that is not fixed (BYTES, INVALID). */
    public int byteSize() {
        return byteSize;
    }

    /** Whether all elements have the same size. */
    public boolean hasFixedSize() {
        return byteSize > 0;
    }
}
