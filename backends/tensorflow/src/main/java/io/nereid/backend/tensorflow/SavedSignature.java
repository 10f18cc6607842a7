package io.nereid.backend.tensorflow;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A signature of a SavedModel: names for some tensors of its graph. Read from TensorFlow's own
 * messages field by field, since everything else in them is of no interest.
 *
 * @param inputs inputs by key
 * @param outputs outputs by key
 */
record SavedSignature(Map<String, Entry> inputs, Map<String, Entry> outputs) {
    /**
     * A tensor of a signature.
     *
     * @param place where it is in the graph, such as {@code serving_default_image:0}
     * @param type element type, {@link DataType#INVALID} if the protocol has none for it
     * @param shape extents; absent if even the rank is unknown
     */
    record Entry(String place, DataType type, Optional<Shape> shape) {}

    /**
     * All signatures in a {@code MetaGraphDef}, by key.
     *
     * @throws IOException if the bytes are none
     */
    static Map<String, SavedSignature> all(CodedInputStream metaGraph) throws IOException {
        Map<String, SavedSignature> signatures = new LinkedHashMap<>();
        for (int tag = metaGraph.readTag(); tag != 0; tag = metaGraph.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 5) {
                readEntry(metaGraph, SavedSignature::read, signatures);
            } else {
                metaGraph.skipField(tag);
            }
        }
        return signatures;
    }

    /** Reads a message of one kind. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(CodedInputStream in) throws IOException;
    }

    /** Reads an embedded message, which has its length in front. */
    private static <T> T embedded(CodedInputStream in, Reader<T> reader) throws IOException {
        int before = in.pushLimit(in.readRawVarint32());
        T value = reader.read(in);
        in.popLimit(before);
        return value;
    }

    private static <T> void readEntry(CodedInputStream in, Reader<T> reader, Map<String, T> target)
            throws IOException {
        int before = in.pushLimit(in.readRawVarint32());
        String key = "";
        List<T> value = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> key = in.readString();
                case 2 -> value.add(embedded(in, reader));
                default -> in.skipField(tag);
            }
        }
        in.popLimit(before);
        if (!value.isEmpty()) {
            target.put(key, value.getLast());
        }
    }

    private static SavedSignature read(CodedInputStream in) throws IOException {
        Map<String, Entry> inputs = new LinkedHashMap<>();
        Map<String, Entry> outputs = new LinkedHashMap<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> readEntry(in, SavedSignature::tensor, inputs);
                case 2 -> readEntry(in, SavedSignature::tensor, outputs);
                default -> in.skipField(tag);
            }
        }
        return new SavedSignature(inputs, outputs);
    }

    private static Entry tensor(CodedInputStream in) throws IOException {
        String place = "";
        int type = 0;
        Optional<Shape> shape = Optional.of(Shape.EMPTY);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> place = in.readString();
                case 2 -> type = in.readEnum();
                case 3 -> shape = embedded(in, SavedSignature::shape);
                default -> in.skipField(tag);
            }
        }
        return new Entry(place, TfTypes.type(type), shape);
    }

    private static Optional<Shape> shape(CodedInputStream in) throws IOException {
        List<Long> dims = new ArrayList<>();
        boolean unknownRank = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 2 -> dims.add(embedded(in, SavedSignature::extent));
                case 3 -> unknownRank = in.readBool();
                default -> in.skipField(tag);
            }
        }
        return unknownRank ? Optional.empty() : Optional.of(Shape.of(dims));
    }

    private static long extent(CodedInputStream in) throws IOException {
        long size = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 1) {
                size = in.readInt64();
            } else {
                in.skipField(tag);
            }
        }
        return size;
    }
}
