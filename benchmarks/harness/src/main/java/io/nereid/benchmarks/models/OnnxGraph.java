package io.nereid.benchmarks.models;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Puts an ONNX model file together. Inputs and outputs are FP32 with a batch dimension in front of
 * what is named. The numbers of the fields are those of the ONNX format. Used by one thread.
 */
final class OnnxGraph {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;
    private static final long IR_VERSION = 8;
    private static final long OPERATOR_SET = 13;

    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream graph = CodedOutputStream.newInstance(bytes);

    interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    OnnxGraph() {
        write(graph, out -> out.writeString(2, "benchmark"));
    }

    OnnxGraph input(String name, long... dims) {
        return add(11, value(name, dims));
    }

    OnnxGraph output(String name, long... dims) {
        return add(12, value(name, dims));
    }

    /** A constant. */
    OnnxGraph floats(String name, float[] values, long... dims) {
        return add(
                5,
                tensor(
                        name,
                        FLOAT,
                        dims,
                        raw -> {
                            for (float value : values) {
                                raw.writeFloatNoTag(value);
                            }
                        }));
    }

    /** A constant of one dimension. */
    OnnxGraph integers(String name, long... values) {
        return add(
                5,
                tensor(
                        name,
                        INT64,
                        new long[] {values.length},
                        raw -> {
                            for (long value : values) {
                                raw.writeFixed64NoTag(value);
                            }
                        }));
    }

    /** An operator with one output. */
    OnnxGraph node(String type, List<String> inputs, String output, ByteString... attributes) {
        return add(
                1,
                message(node -> {
                    for (String input : inputs) {
                        node.writeString(1, input);
                    }
                    node.writeString(2, output);
                    node.writeString(4, type);
                    for (ByteString attribute : attributes) {
                        node.writeBytes(5, attribute);
                    }
                }));
    }

    static ByteString attribute(String name, long value) {
        return message(attribute -> {
            attribute.writeString(1, name);
            attribute.writeInt64(3, value);
            attribute.writeInt32(20, ATTRIBUTE_INT);
        });
    }

    static ByteString attribute(String name, List<Long> values) {
        return message(attribute -> {
            attribute.writeString(1, name);
            for (long value : values) {
                attribute.writeInt64(8, value);
            }
            attribute.writeInt32(20, ATTRIBUTE_INTS);
        });
    }

    /** The model file. */
    byte[] model() {
        write(graph, CodedOutputStream::flush);
        return message(
                        model -> {
                            model.writeInt64(1, IR_VERSION);
                            model.writeBytes(7, bytes.toByteString());
                            model.writeBytes(8, message(set -> set.writeInt64(2, OPERATOR_SET)));
                        })
                .toByteArray();
    }

    private OnnxGraph add(int field, ByteString part) {
        write(graph, out -> out.writeBytes(field, part));
        return this;
    }

    private static ByteString tensor(String name, int type, long[] dims, Fields values) {
        return message(tensor -> {
            for (long dim : dims) {
                tensor.writeInt64(1, dim);
            }
            tensor.writeInt32(2, type);
            tensor.writeString(8, name);
            tensor.writeBytes(9, message(values));
        });
    }

    private static ByteString value(String name, long... dims) {
        ByteString shape =
                message(all -> {
                    all.writeBytes(1, message(dim -> dim.writeString(2, "batch")));
                    for (long extent : dims) {
                        all.writeBytes(1, message(dim -> dim.writeInt64(1, extent)));
                    }
                });
        ByteString tensor =
                message(type -> {
                    type.writeInt32(1, FLOAT);
                    type.writeBytes(2, shape);
                });
        return message(info -> {
            info.writeString(1, name);
            info.writeBytes(2, message(type -> type.writeBytes(1, tensor)));
        });
    }

    private static ByteString message(Fields fields) {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        write(
                out,
                all -> {
                    fields.write(all);
                    all.flush();
                });
        return bytes.toByteString();
    }

    private static void write(CodedOutputStream out, Fields fields) {
        try {
            fields.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
