package io.nereid.protocol.grpc;

import com.google.protobuf.ByteString;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;

/**
 * The typed {@code contents} of one input, written as the bytes of a tensor (gRPC protocol section
 * 10). Numbers keep their low bits, as many as the declared type has.
 */
final class TypedContents {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final InferTensorContents contents;
    private final DataType declared;
    private final String input;
    private final String model;

    TypedContents(InferTensorContents contents, DataType declared, String input, String model) {
        this.contents = contents;
        this.declared = declared;
        this.input = input;
        this.model = model;
    }

    /**
     * The bytes of the tensor; none if no field is filled.
     *
     * @throws StatusException INVALID_ARG if the field does not fit the declared type, or if there
     *     are two fields
     */
    @Owned
    TensorBuffer toBuffer(TensorAllocator allocator) {
        checkFields();
        long byteSize = byteSize();
        TensorBuffer buffer = allocator.allocate(byteSize);
        write(buffer.segment());
        allocator.copies().count(CopyMeter.Site.DECODE, byteSize);
        return buffer;
    }

    /** Looks at the fields in the order in which the reference does. */
    private void checkFields() {
        boolean found = check(contents.getBoolContentsCount(), DataType.BOOL, false);
        found = check(contents.getIntContentsCount(), intType(), found);
        found = check(contents.getInt64ContentsCount(), DataType.INT64, found);
        found = check(contents.getUintContentsCount(), uintType(), found);
        found = check(contents.getUint64ContentsCount(), DataType.UINT64, found);
        found = check(contents.getFp32ContentsCount(), DataType.FP32, found);
        found = check(contents.getFp64ContentsCount(), DataType.FP64, found);
        check(contents.getBytesContentsCount(), DataType.BYTES, found);
    }

    private boolean check(int count, DataType fieldType, boolean found) {
        if (count == 0) {
            return found;
        }
        String where = "input tensor '" + input + "' for model '" + model + "'";
        if (found) {
            throw StatusException.invalidArgument(
                    "unexpected explicit tensor data for "
                            + where
                            + ", binary data was already supplied.");
        }
        if (fieldType != declared) {
            throw StatusException.invalidArgument(
                    "unexpected explicit tensor data for "
                            + where
                            + " of type '"
                            + fieldType.wireName()
                            + "', expected datatype '"
                            + declared.wireName()
                            + "'");
        }
        return true;
    }

    /** Type that {@code int_contents} stands for: the declared one if it is a small integer. */
    private DataType intType() {
        return declared == DataType.INT8 || declared == DataType.INT16 ? declared : DataType.INT32;
    }

    private DataType uintType() {
        return declared == DataType.UINT8 || declared == DataType.UINT16
                ? declared
                : DataType.UINT32;
    }

    private long byteSize() {
        return switch (declared) {
            case BOOL -> contents.getBoolContentsCount();
            case INT8, INT16, INT32 -> size(contents.getIntContentsCount());
            case UINT8, UINT16, UINT32 -> size(contents.getUintContentsCount());
            case INT64 -> size(contents.getInt64ContentsCount());
            case UINT64 -> size(contents.getUint64ContentsCount());
            case FP32 -> size(contents.getFp32ContentsCount());
            case FP64 -> size(contents.getFp64ContentsCount());
            case BYTES -> bytesSize(contents.getBytesContentsList());
            case FP16, BF16, INVALID -> 0;
        };
    }

    private long size(long count) {
        return count * declared.byteSize();
    }

    private static long bytesSize(List<ByteString> elements) {
        long size = 0;
        for (ByteString element : elements) {
            size += Integer.BYTES + element.size();
        }
        return size;
    }

    private void write(MemorySegment target) {
        switch (declared) {
            case BOOL -> writeBools(target);
            case INT8, INT16, INT32 ->
                    writeInts(contents.getIntContentsCount(), contents::getIntContents, target);
            case UINT8, UINT16, UINT32 ->
                    writeInts(contents.getUintContentsCount(), contents::getUintContents, target);
            case INT64 ->
                    writeLongs(
                            contents.getInt64ContentsCount(), contents::getInt64Contents, target);
            case UINT64 ->
                    writeLongs(
                            contents.getUint64ContentsCount(), contents::getUint64Contents, target);
            case FP32 -> writeFloats(target);
            case FP64 -> writeDoubles(target);
            case BYTES -> writeBytes(target);
            case FP16, BF16, INVALID -> {}
        }
    }

    private void writeBools(MemorySegment target) {
        for (int i = 0; i < contents.getBoolContentsCount(); i++) {
            target.set(ValueLayout.JAVA_BYTE, i, (byte) (contents.getBoolContents(i) ? 1 : 0));
        }
    }

    private void writeInts(int count, IntUnaryOperator values, MemorySegment target) {
        switch (declared.byteSize()) {
            case Byte.BYTES -> {
                for (int i = 0; i < count; i++) {
                    target.set(ValueLayout.JAVA_BYTE, i, (byte) values.applyAsInt(i));
                }
            }
            case Short.BYTES -> {
                for (int i = 0; i < count; i++) {
                    target.setAtIndex(SHORT, i, (short) values.applyAsInt(i));
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    target.setAtIndex(INT, i, values.applyAsInt(i));
                }
            }
        }
    }

    private static void writeLongs(int count, IntToLongFunction values, MemorySegment target) {
        for (int i = 0; i < count; i++) {
            target.setAtIndex(LONG, i, values.applyAsLong(i));
        }
    }

    private void writeFloats(MemorySegment target) {
        for (int i = 0; i < contents.getFp32ContentsCount(); i++) {
            target.setAtIndex(FLOAT, i, contents.getFp32Contents(i));
        }
    }

    private void writeDoubles(MemorySegment target) {
        for (int i = 0; i < contents.getFp64ContentsCount(); i++) {
            target.setAtIndex(DOUBLE, i, contents.getFp64Contents(i));
        }
    }

    private void writeBytes(MemorySegment target) {
        long offset = 0;
        for (ByteString element : contents.getBytesContentsList()) {
            target.set(INT, offset, element.size());
            offset += Integer.BYTES;
            ByteBuffer bytes = element.asReadOnlyByteBuffer();
            MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, target, offset, element.size());
            offset += element.size();
        }
    }
}
