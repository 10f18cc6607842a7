package io.nereid.server.main;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.List;

/** ONNX files that are well formed and must not be served. */
final class HostileOnnx {
    private static final int FLOAT = 1;
    private static final int EXTERNAL = 1;
    private static final int GRAPH = 5;
    private static final int DEPTH = 5_000;

    private HostileOnnx() {}

    /**
     * A file.
     *
     * @param name what is wrong with it
     * @param refusal pattern of what the engine says to it
     */
    record Graph(String name, String refusal, ByteString content) {
        private Graph(String name, String refusal, byte[] content) {
            this(name, refusal, ByteString.copyFrom(content));
        }
    }

    /** All of them. */
    static List<Graph> all() {
        return List.of(
                new Graph("external_missing", "does not exist", external("weights.bin")),
                new Graph("external_outside", "escapes", external("../../good/1/model.onnx")),
                new Graph("external_absolute", "Absolute path", external("/etc/passwd")),
                new Graph("external_device", "Absolute path", external("/dev/zero")),
                new Graph("self_reference", "not acyclic", selfReference()),
                new Graph("circle", "not acyclic", circle()),
                new Graph("recursive_function", "recursive_function", recursiveFunction()),
                new Graph("deep_subgraphs", "Protobuf parsing failed", subgraphs()),
                new Graph("huge_tensor", "Incompatible dimensions", tensor(1L << 40, 1L << 22)),
                new Graph("negative_tensor", "Out of bounds dimensions", tensor(-1, 2)),
                new Graph(
                        "unknown_operator",
                        "NoSuchOperator",
                        graph(graph -> node(graph, "NoSuchOperator", "x", "y"))),
                new Graph("no_nodes", "does not exist in the graph", graph(_ -> {})));
    }

    private static byte[] graph(TinyOnnx.Fields content) {
        return model(content, _ -> {});
    }

    private static byte[] model(TinyOnnx.Fields content, TinyOnnx.Fields more) {
        return TinyOnnx.message(model -> {
            model.writeInt64(1, 8);
            model.writeByteArray(
                    7,
                    TinyOnnx.message(graph -> {
                        content.write(graph);
                        graph.writeString(2, "hostile");
                        graph.writeByteArray(11, TinyOnnx.value("x"));
                        graph.writeByteArray(12, TinyOnnx.value("y"));
                    }));
            model.writeByteArray(8, TinyOnnx.message(opset -> opset.writeInt64(2, 13)));
            more.write(model);
        });
    }

    private static void node(CodedOutputStream graph, String type, String from, String to)
            throws IOException {
        graph.writeByteArray(
                1,
                TinyOnnx.message(node -> {
                    node.writeString(1, from);
                    node.writeString(2, to);
                    node.writeString(4, type);
                }));
    }

    private static byte[] external(String location) {
        return graph(graph -> {
            graph.writeByteArray(1, TinyOnnx.node("Add", "x", "c", "y"));
            graph.writeByteArray(
                    5,
                    TinyOnnx.message(tensor -> {
                        tensor.writeInt64(1, 2);
                        tensor.writeInt32(2, FLOAT);
                        tensor.writeString(8, "c");
                        entry(tensor, "location", location);
                        entry(tensor, "offset", "0");
                        entry(tensor, "length", "8");
                        tensor.writeInt32(14, EXTERNAL);
                    }));
        });
    }

    private static void entry(CodedOutputStream tensor, String key, String value)
            throws IOException {
        tensor.writeByteArray(
                13,
                TinyOnnx.message(entry -> {
                    entry.writeString(1, key);
                    entry.writeString(2, value);
                }));
    }

    private static byte[] selfReference() {
        return graph(graph -> graph.writeByteArray(1, TinyOnnx.node("Add", "x", "y", "y")));
    }

    private static byte[] circle() {
        return graph(graph -> {
            graph.writeByteArray(1, TinyOnnx.node("Add", "x", "b", "a"));
            graph.writeByteArray(1, TinyOnnx.node("Add", "x", "a", "b"));
            node(graph, "Identity", "b", "y");
        });
    }

    /** A function of the model that calls itself. */
    private static byte[] recursiveFunction() {
        byte[] call =
                TinyOnnx.message(node -> {
                    node.writeString(1, "x");
                    node.writeString(2, "y");
                    node.writeString(4, "F");
                    node.writeString(7, "own");
                });
        return model(
                graph -> graph.writeByteArray(1, call),
                model -> {
                    model.writeByteArray(
                            8,
                            TinyOnnx.message(opset -> {
                                opset.writeString(1, "own");
                                opset.writeInt64(2, 1);
                            }));
                    model.writeByteArray(
                            25,
                            TinyOnnx.message(function -> {
                                function.writeString(1, "F");
                                function.writeString(4, "x");
                                function.writeString(5, "y");
                                function.writeByteArray(7, call);
                                function.writeByteArray(
                                        9,
                                        TinyOnnx.message(opset -> {
                                            opset.writeString(1, "own");
                                            opset.writeInt64(2, 1);
                                        }));
                                function.writeString(10, "own");
                            }));
                });
    }

    /** Branches within branches. */
    private static byte[] subgraphs() {
        byte[] inner = {};
        for (int i = 0; i < DEPTH; i++) {
            byte[] body = inner;
            inner =
                    TinyOnnx.message(graph ->
                            graph.writeByteArray(
                                    1,
                                    TinyOnnx.message(node -> {
                                        node.writeString(1, "x");
                                        node.writeString(2, "y");
                                        node.writeString(4, "If");
                                        node.writeByteArray(
                                                5,
                                                TinyOnnx.message(attribute -> {
                                                    attribute.writeString(1, "then_branch");
                                                    attribute.writeByteArray(6, body);
                                                    attribute.writeInt32(20, GRAPH);
                                                }));
                                    })));
        }
        byte[] nodes = inner;
        return TinyOnnx.message(model -> {
            model.writeInt64(1, 8);
            model.writeByteArray(7, nodes);
            model.writeByteArray(8, TinyOnnx.message(opset -> opset.writeInt64(2, 13)));
        });
    }

    /** Weights that say they are of a shape which their bytes are not. */
    private static byte[] tensor(long... dims) {
        return graph(graph -> {
            graph.writeByteArray(1, TinyOnnx.node("Add", "x", "c", "y"));
            graph.writeByteArray(
                    5,
                    TinyOnnx.message(tensor -> {
                        for (long dim : dims) {
                            tensor.writeInt64(1, dim);
                        }
                        tensor.writeInt32(2, FLOAT);
                        tensor.writeString(8, "c");
                        tensor.writeByteArray(9, new byte[8]);
                    }));
        });
    }
}
