package io.nereid.backend.djl.engine;

import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.ModelSignature;
import io.nereid.backend.djl.TensorDescription;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What a SavedModel's description says, read before the weights are loaded: DJL tells no types and
 * does not refuse a signature that is missing.
 *
 * @param tag tag of the graph
 * @param signatureKey name of the signature
 * @param signature its inputs and outputs, each in the order of their names, as DJL takes them
 */
record SavedModelFile(String tag, String signatureKey, ModelSignature signature) {
    private static final String DEFAULT_SIGNATURE = "serving_default";
    private static final Set<String> NOT_FOR_SERVING =
            Set.of("__saved_model_init_op", "__saved_model_train_op");

    /**
     * Finds the graph and the signature that the parameters ask for (model-config section 13.3).
     *
     * @throws StatusException INTERNAL if the file cannot be read or holds no such graph or
     *     signature
     */
    static SavedModelFile read(LoadRequest request) {
        String tag = request.parameters().getOrDefault("TF_GRAPH_TAG", "serve");
        MetaGraphDef graph =
                parse(request).getMetaGraphsList().stream()
                        .filter(each -> each.getMetaInfoDef().getTagsList().contains(tag))
                        .findFirst()
                        .orElseThrow(() -> expected(request, tag, "tag"));
        Map<String, SignatureDef> signatures = new TreeMap<>(graph.getSignatureDefMap());
        signatures.keySet().removeAll(NOT_FOR_SERVING);
        String key = key(request, signatures);
        SignatureDef signature = signatures.get(key);
        if (signature == null) {
            throw expected(request, key, "signature");
        }
        return new SavedModelFile(
                tag,
                key,
                new ModelSignature(
                        describe(signature.getInputsMap()), describe(signature.getOutputsMap())));
    }

    /** The signature asked for, else the usual one, else the first there is. */
    private static String key(LoadRequest request, Map<String, SignatureDef> signatures) {
        String asked = request.parameters().getOrDefault("TF_SIGNATURE_DEF", "");
        if (!asked.isEmpty()) {
            return asked;
        }
        return signatures.containsKey(DEFAULT_SIGNATURE)
                ? DEFAULT_SIGNATURE
                : signatures.keySet().stream().findFirst().orElse(DEFAULT_SIGNATURE);
    }

    private static SavedModel parse(LoadRequest request) {
        Path file = request.file().resolve("saved_model.pb");
        try (InputStream in = Files.newInputStream(file)) {
            SavedModel parsed = SavedModel.parseFrom(in);
            if (parsed.getMetaGraphsCount() == 0) {
                throw new IOException("it holds no graph");
            }
            return parsed;
        } catch (NoSuchFileException e) {
            throw unreadable(request, file, "no such file", e);
        } catch (IOException e) {
            throw unreadable(request, file, String.valueOf(e.getMessage()), e);
        }
    }

    private static StatusException unreadable(
            LoadRequest request, Path file, String reason, IOException cause) {
        return new StatusException(
                StatusCode.INTERNAL,
                "unable to auto-complete model configuration for '"
                        + request.modelName()
                        + "', failed to load model: cannot read "
                        + file
                        + ": "
                        + reason,
                cause);
    }

    private static StatusException expected(LoadRequest request, String name, String what) {
        return new StatusException(
                StatusCode.INTERNAL,
                "unable to load model '"
                        + request.modelName()
                        + "', expected '"
                        + name
                        + "' "
                        + what);
    }

    private static List<TensorDescription> describe(Map<String, TensorInfo> tensors) {
        return new TreeMap<>(tensors)
                .entrySet().stream()
                        .map(entry ->
                                new TensorDescription(
                                        entry.getKey(),
                                        Optional.of(type(entry.getValue())),
                                        shape(entry.getValue().getTensorShape())))
                        .toList();
    }

    private static Optional<Shape> shape(TensorShapeProto shape) {
        return shape.getUnknownRank()
                ? Optional.empty()
                : Optional.of(
                        Shape.of(
                                shape.getDimList().stream()
                                        .mapToLong(TensorShapeProto.Dim::getSize)
                                        .toArray()));
    }

    private static DataType type(TensorInfo tensor) {
        return switch (tensor.getDtype()) {
            case DT_BOOL -> DataType.BOOL;
            case DT_UINT8 -> DataType.UINT8;
            case DT_UINT16 -> DataType.UINT16;
            case DT_UINT32 -> DataType.UINT32;
            case DT_UINT64 -> DataType.UINT64;
            case DT_INT8 -> DataType.INT8;
            case DT_INT16 -> DataType.INT16;
            case DT_INT32 -> DataType.INT32;
            case DT_INT64 -> DataType.INT64;
            case DT_HALF -> DataType.FP16;
            case DT_FLOAT -> DataType.FP32;
            case DT_DOUBLE -> DataType.FP64;
            case DT_BFLOAT16 -> DataType.BF16;
            case DT_STRING -> DataType.BYTES;
            default -> DataType.INVALID;
        };
    }
}
