package io.nereid.server.main;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes ONNX models that add a number: input {@code x} and output {@code y} are FP32 of shape
 * {@code [-1, 2]}. The numbers of the fields are those of the ONNX format.
 */
final class TinyOnnx {
    private static final int FLOAT = 1;
    private static final int INTS = 7;

    private TinyOnnx() {}

    /**
     * A model file.
     *
     * @param addend what it adds
     * @param weights elements of weights that it multiplies with and that change nothing, 0 for
     *     none
     */
    static byte[] adding(float addend, int weights) {
        return message(model -> {
            model.writeInt64(1, 8);
            model.writeByteArray(7, graph(addend, weights));
            model.writeByteArray(8, message(opset -> opset.writeInt64(2, 13)));
        });
    }

    /** Makes a version of a model that adds its number, without a configuration. */
    static void place(Path model, long version, int weights) {
        try {
            Path directory = Files.createDirectories(model.resolve(Long.toString(version)));
            Files.write(directory.resolve("model.onnx"), adding((float) version, weights));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] graph(float addend, int weights) {
        return message(graph -> {
            if (weights > 0) {
                graph.writeByteArray(1, node("MatMul", "x", "W", "h"));
                graph.writeByteArray(
                        1,
                        message(node -> {
                            node.writeString(1, "h");
                            node.writeString(2, "zero");
                            node.writeString(4, "ReduceMax");
                            node.writeByteArray(
                                    5,
                                    message(attribute -> {
                                        attribute.writeString(1, "axes");
                                        attribute.writeInt64(8, 1);
                                        attribute.writeInt32(20, INTS);
                                    }));
                        }));
                graph.writeByteArray(1, node("Add", "x", "zero", "x0"));
            }
            graph.writeByteArray(1, node("Add", weights > 0 ? "x0" : "x", "c", "y"));
            graph.writeString(2, "tiny");
            graph.writeByteArray(5, floats("c", new float[] {addend}, 1));
            if (weights > 0) {
                graph.writeByteArray(5, floats("W", new float[2 * weights], 2, weights));
            }
            graph.writeByteArray(11, value("x"));
            graph.writeByteArray(12, value("y"));
        });
    }

    static byte[] node(String type, String left, String right, String result) {
        return message(node -> {
            node.writeString(1, left);
            node.writeString(1, right);
            node.writeString(2, result);
            node.writeString(4, type);
        });
    }

    private static byte[] floats(String name, float[] values, long... dims) {
        return message(tensor -> {
            for (long dim : dims) {
                tensor.writeInt64(1, dim);
            }
            tensor.writeInt32(2, FLOAT);
            tensor.writeString(8, name);
            tensor.writeBytes(
                    9,
                    ByteString.copyFrom(
                            message(raw -> {
                                for (float value : values) {
                                    raw.writeFloatNoTag(value);
                                }
                            })));
        });
    }

    static byte[] value(String name) {
        byte[] batch = message(dim -> dim.writeString(2, "N"));
        byte[] two = message(dim -> dim.writeInt64(1, 2));
        byte[] shape =
                message(dims -> {
                    dims.writeByteArray(1, batch);
                    dims.writeByteArray(1, two);
                });
        byte[] tensor =
                message(type -> {
                    type.writeInt32(1, FLOAT);
                    type.writeByteArray(2, shape);
                });
        return message(info -> {
            info.writeString(1, name);
            info.writeByteArray(2, message(type -> type.writeByteArray(1, tensor)));
        });
    }

    interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
