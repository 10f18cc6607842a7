package io.nereid.backend.dali.tensor;

import io.nereid.protocol.DataType;
import java.util.Locale;
import java.util.Optional;

/** Type of a sample's elements, with the number that pipeline files write (DALI section 2.3). */
public enum ElementType {
    UINT8(0, 1, Kind.UNSIGNED, DataType.UINT8),
    UINT16(1, 2, Kind.UNSIGNED, DataType.UINT16),
    UINT32(2, 4, Kind.UNSIGNED, DataType.UINT32),
    UINT64(3, 8, Kind.UNSIGNED, DataType.UINT64),
    INT8(4, 1, Kind.SIGNED, DataType.INT8),
    INT16(5, 2, Kind.SIGNED, DataType.INT16),
    INT32(6, 4, Kind.SIGNED, DataType.INT32),
    INT64(7, 8, Kind.SIGNED, DataType.INT64),
    FLOAT16(8, 2, Kind.FLOAT, DataType.FP16),
    FLOAT(9, 4, Kind.FLOAT, DataType.FP32),
    FLOAT64(10, 8, Kind.FLOAT, DataType.FP64),
    BOOL(11, 1, Kind.BOOL, DataType.BOOL);

    private enum Kind {
        UNSIGNED,
        SIGNED,
        FLOAT,
        BOOL
    }

    private final int id;
    private final int byteSize;
    private final Kind kind;
    private final DataType dataType;

    ElementType(int id, int byteSize, Kind kind, DataType dataType) {
        this.id = id;
        this.byteSize = byteSize;
        this.kind = kind;
        this.dataType = dataType;
    }

    /**
     * The type with that number in a file.
     *
     * @throws DaliException if no type has it
     */
    public static ElementType ofId(long id) {
        for (ElementType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        throw new DaliException("Unknown data type: " + id);
    }

    /** The type that carries the protocol's {@code type}; empty for BYTES and BF16. */
    public static Optional<ElementType> ofDataType(DataType type) {
        for (ElementType candidate : values()) {
            if (candidate.dataType == type) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** The number that files write for this type. */
    public int id() {
        return id;
    }

    /** The protocol's name of this type. */
    public DataType dataType() {
        return dataType;
    }

    /** Bytes of one element. */
    public int byteSize() {
        return byteSize;
    }

    /** Whether this is one of the three float types. */
    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** Whether this is a signed integer. */
    public boolean isSigned() {
        return kind == Kind.SIGNED;
    }

    /** Whether this is an unsigned integer. */
    public boolean isUnsigned() {
        return kind == Kind.UNSIGNED;
    }

    /** Whether this is an integer; a bool is none. */
    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    /** Largest value of an integer type as a float computes with it, 1 for the others. */
    public double range() {
        return switch (kind) {
            case UNSIGNED -> Math.pow(2, 8.0 * byteSize) - 1;
            case SIGNED -> Math.pow(2, 8.0 * byteSize - 1) - 1;
            case FLOAT, BOOL -> 1;
        };
    }

    /** Name in messages: {@code uint8}, {@code float}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
