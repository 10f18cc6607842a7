package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/**
 * Replaces a tensor by the names of its greatest elements (HTTP protocol section 15). Of equal
 * elements the one with the lower index comes first; NaN comes last.
 */
public final class Classification {
    private static final long MAX_ELEMENTS = 1_000_000;
    private static final int DECIMALS = 6;

    private final Tensor tensor;
    private final MemorySegment values;
    private final LabelLookup labels;

    private Classification(Tensor tensor, LabelLookup labels) {
        this.tensor = tensor;
        this.values = tensor.buffer().segment();
        this.labels = labels;
    }

    /**
     * The classes of an output, as a BYTES tensor {@code [batch, classes]} or {@code [classes]}.
     *
     * @param tensor borrowed
     * @param batched whether its first dimension is the batch
     * @param classes most classes per batch item, more than 0
     * @param labels of the model whose output it is
     * @throws StatusException INVALID_ARG if the type cannot be ranked or there are too many
     *     elements, INTERNAL if the bytes do not match the shape
     */
    public static @Owned Tensor of(
            Tensor tensor,
            boolean batched,
            int classes,
            LabelLookup labels,
            TensorAllocator allocator) {
        checkType(tensor.type());
        boolean hasBatch = batched && tensor.shape().rank() > 0;
        long batch = hasBatch ? tensor.shape().dim(0) : 1;
        long elements = tensor.buffer().byteSize() / tensor.type().byteSize();
        Shape item = hasBatch ? tensor.shape().withoutLeading() : tensor.shape();
        long perItem = perItem(tensor, item, batch, elements);
        int reported = (int) Math.min(classes, perItem);
        Classification ranking = new Classification(tensor, labels);
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        for (long i = 0; i < batch; i++) {
            ranking.item(i * perItem, (int) perItem, reported, texts);
        }
        Shape shape = hasBatch ? Shape.of(batch, reported) : Shape.of(reported);
        return new Tensor(tensor.name(), DataType.BYTES, shape, copyOf(texts, allocator));
    }

    private static void checkType(DataType type) {
        switch (type) {
            case BOOL, FP16, BF16, BYTES, INVALID ->
                    throw StatusException.invalidArgument(
                            "class result not available for output due to unsupported type '"
                                    + type.wireName()
                                    + "'");
            case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP32, FP64 -> {}
        }
    }

    private static long perItem(Tensor tensor, Shape item, long batch, long elements) {
        long perItem;
        try {
            perItem = item.isFixed() && batch >= 0 ? item.elementCount() : -1;
            if (perItem < 0 || Math.multiplyExact(batch, perItem) != elements) {
                perItem = -1;
            }
        } catch (ArithmeticException e) {
            perItem = -1;
        }
        if (perItem < 0) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "output tensor shape does not match size of output for '"
                            + tensor.name()
                            + "'");
        }
        if (perItem > MAX_ELEMENTS) {
            throw StatusException.invalidArgument("classification output tensor too large");
        }
        return perItem;
    }

    private static @Owned TensorBuffer copyOf(
            ByteArrayOutputStream texts, TensorAllocator allocator) {
        TensorBuffer buffer = allocator.allocate(texts.size());
        MemorySegment.copy(
                texts.toByteArray(), 0, buffer.segment(), ValueLayout.JAVA_BYTE, 0, texts.size());
        return buffer;
    }

    /** Appends the classes of one batch item, whose elements begin at {@code from}. */
    private void item(long from, int elements, int reported, ByteArrayOutputStream texts) {
        // A heap of the best so far, the worst of them at the root.
        int[] heap = new int[reported];
        for (int i = 0; i < elements && reported > 0; i++) {
            if (i < reported) {
                heap[i] = i;
                siftUp(heap, i, from);
            } else if (isBefore(from, i, heap[0])) {
                heap[0] = i;
                siftDown(heap, reported, from);
            }
        }
        for (int left = reported; left > 1; left--) {
            int worst = heap[0];
            heap[0] = heap[left - 1];
            siftDown(heap, left - 1, from);
            heap[left - 1] = worst;
        }
        for (int index : heap) {
            append(texts, text(from, index));
        }
    }

    private void siftUp(int[] heap, int at, long from) {
        int i = at;
        while (i > 0 && isBefore(from, heap[(i - 1) / 2], heap[i])) {
            swap(heap, i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void siftDown(int[] heap, int size, long from) {
        int i = 0;
        while (true) {
            int worst = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < size; child++) {
                if (isBefore(from, heap[worst], heap[child])) {
                    worst = child;
                }
            }
            if (worst == i) {
                return;
            }
            swap(heap, i, worst);
            i = worst;
        }
    }

    private static void swap(int[] heap, int i, int j) {
        int kept = heap[i];
        heap[i] = heap[j];
        heap[j] = kept;
    }

    /** Whether element {@code a} is reported before element {@code b}. */
    private boolean isBefore(long from, int a, int b) {
        int order = compare(from + a, from + b);
        return order > 0 || (order == 0 && a < b);
    }

    private int compare(long a, long b) {
        return switch (tensor.type()) {
            case FP32, FP64 -> compareReals(real(a), real(b));
            case UINT64 -> Long.compareUnsigned(integer(a), integer(b));
            default -> Long.compare(integer(a), integer(b));
        };
    }

    private static int compareReals(double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return Boolean.compare(Double.isNaN(b), Double.isNaN(a));
        }
        return a < b ? -1 : a > b ? 1 : 0;
    }

    private double real(long index) {
        return tensor.type() == DataType.FP32
                ? values.get(LittleEndian.FLOAT, index << 2)
                : values.get(LittleEndian.DOUBLE, index << 3);
    }

    private long integer(long index) {
        return switch (tensor.type()) {
            case UINT8 -> Byte.toUnsignedLong(values.get(ValueLayout.JAVA_BYTE, index));
            case INT8 -> values.get(ValueLayout.JAVA_BYTE, index);
            case UINT16 -> Short.toUnsignedLong(values.get(LittleEndian.SHORT, index << 1));
            case INT16 -> values.get(LittleEndian.SHORT, index << 1);
            case UINT32 -> Integer.toUnsignedLong(values.get(LittleEndian.INT, index << 2));
            case INT32 -> values.get(LittleEndian.INT, index << 2);
            default -> values.get(LittleEndian.LONG, index << 3);
        };
    }

    private String text(long from, int index) {
        String label =
                labels.label(tensor.name(), index)
                        .filter(name -> !name.isEmpty())
                        .map(name -> ":" + name)
                        .orElse("");
        return value(from + index) + ":" + index + label;
    }

    private String value(long index) {
        return switch (tensor.type()) {
            case FP32, FP64 -> sixDecimals(real(index));
            case UINT64 -> Long.toUnsignedString(integer(index));
            default -> Long.toString(integer(index));
        };
    }

    /** As C's {@code %f} prints it. */
    static String sixDecimals(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
        if (Double.isInfinite(value)) {
            return sign + "inf";
        }
        BigDecimal exact = new BigDecimal(Math.abs(value));
        return sign + exact.setScale(DECIMALS, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static void append(ByteArrayOutputStream texts, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            texts.write(bytes.length >>> shift);
        }
        texts.writeBytes(bytes);
    }
}
