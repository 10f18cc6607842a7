package io.nereid.backend.onnxruntime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the operators of a model's graph, without the rest of it. Numbers are those of the
 * fields of ONNX's {@code ModelProto}, {@code GraphProto} and {@code NodeProto}.
 */
final class GraphOperators {
    private static final Logger log = LoggerFactory.getLogger(GraphOperators.class);
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_DOMAIN = 7;

    /** ONNX's own. Operators of others, a model's functions among them, may do anything. */
    private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml");

    /**
     * Those that take a number of rounds, or make outputs of a size, that an input's values say.
     */
    private static final Set<String> BY_VALUE =
            Set.of(
                    "AffineGrid",
                    "BlackmanWindow",
                    "CenterCropPad",
                    "ConstantOfShape",
                    "Expand",
                    "HammingWindow",
                    "HannWindow",
                    "If",
                    "Loop",
                    "MaxUnpool",
                    "MelWeightMatrix",
                    "OneHot",
                    "Pad",
                    "Range",
                    "Resize",
                    "Scan",
                    "SequenceMap",
                    "Tile",
                    "Upsample");

    private GraphOperators() {}

    /**
     * Whether how long the model computes follows from the sizes of its inputs alone: the values in
     * one request cannot make it slower than another. False as well where that cannot be told.
     */
    static boolean costBySizeAlone(Path model) {
        try (InputStream bytes = Files.newInputStream(model)) {
            return all(
                    CodedInputStream.newInstance(bytes),
                    MODEL_GRAPH,
                    false,
                    graph -> all(graph, GRAPH_NODE, true, GraphOperators::nodeCostsBySize));
        } catch (IOException notOnnx) {
            log.debug("the operators of {} are not known", model, notOnnx);
            return false;
        }
    }

    /** What is asked of one message, whose bytes it reads. */
    @FunctionalInterface
    private interface Check {
        boolean passes(CodedInputStream message) throws IOException;
    }

    /**
     * Whether all messages of a field pass, and the rest of the bytes are fields as well.
     *
     * @param none the answer if there are none
     */
    private static boolean all(CodedInputStream in, int field, boolean none, Check check)
            throws IOException {
        boolean result = none;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, field)) {
                int outer = in.pushLimit(in.readRawVarint32());
                if (!check.passes(in) || in.getBytesUntilLimit() > 0) {
                    return false;
                }
                in.popLimit(outer);
                result = true;
            } else {
                in.skipField(tag);
            }
        }
        return result;
    }

    private static boolean nodeCostsBySize(CodedInputStream in) throws IOException {
        String operator = "";
        String domain = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, NODE_OPERATOR)) {
                operator = in.readString();
            } else if (isMessage(tag, NODE_DOMAIN)) {
                domain = in.readString();
            } else {
                in.skipField(tag);
            }
        }
        return DOMAINS.contains(domain) && !BY_VALUE.contains(operator);
    }

    private static boolean isMessage(int tag, int field) {
        return WireFormat.getTagFieldNumber(tag) == field
                && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
