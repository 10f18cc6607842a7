package io.nereid.backend.djl.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.nereid.backend.djl.Causes;
import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.ModelSignature;
import io.nereid.backend.djl.TensorDescription;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ONNX Runtime. DJL tells no more than the inputs' names, so the engine itself is asked, with a
 * session that is closed before DJL opens its own; parameters as in model-config section 13.2.
 */
final class OnnxRuntimeSupport implements EngineSupport {
    @Override
    public Optional<ModelSignature> describe(LoadRequest request) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(1);
            try (OrtSession session =
                    environment.createSession(request.file().toString(), options)) {
                return Optional.of(
                        new ModelSignature(
                                describe(session.getInputInfo().values()),
                                describe(session.getOutputInfo().values())));
            }
        } catch (OrtException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "unable to load model '" + request.modelName() + "': " + Causes.text(e),
                    e);
        }
    }

    @Override
    public void load(Model model, LoadRequest request) throws IOException, MalformedModelException {
        try (OrtSession.SessionOptions options = options(request)) {
            model.load(
                    request.file().getParent(),
                    request.file().getFileName().toString(),
                    Map.of("sessionOptions", options));
        } catch (OrtException e) {
            throw new MalformedModelException(Causes.text(e), e);
        }
    }

    @Override
    public boolean copiesInputs() {
        return false;
    }

    /** Spinning is off: with shared cores it doubles the time and saves nothing. */
    private static OrtSession.SessionOptions options(LoadRequest request) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        try {
            int threads = Numbers.of(request, "intra_op_thread_count").orElse(0);
            options.setIntraOpNumThreads(threads > 0 ? threads : request.threads());
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            int interThreads = Numbers.of(request, "inter_op_thread_count").orElse(0);
            if (interThreads > 0) {
                options.setInterOpNumThreads(interThreads);
            }
            options.setExecutionMode(executionMode(request));
            return options;
        } catch (OrtException | RuntimeException e) {
            options.close();
            throw e;
        }
    }

    private static OrtSession.SessionOptions.ExecutionMode executionMode(LoadRequest request) {
        int mode = Numbers.of(request, "execution_mode").orElse(0);
        return switch (mode) {
            case 0 -> OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL;
            case 1 -> OrtSession.SessionOptions.ExecutionMode.PARALLEL;
            default ->
                    throw StatusException.invalidArgument(
                            "Invalid configuration value provided. Expected values for "
                                    + " execution_mode are 0 or 1 but got "
                                    + mode
                                    + " .");
        };
    }

    private static List<TensorDescription> describe(Collection<NodeInfo> nodes) {
        List<TensorDescription> tensors = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (!(node.getInfo() instanceof TensorInfo tensor)) {
                throw new StatusException(
                        StatusCode.UNSUPPORTED,
                        "Unsupported ONNX Type '"
                                + node.getInfo().getClass().getSimpleName()
                                + "' for I/O '"
                                + node.getName()
                                + "', expected 'ONNX_TYPE_TENSOR'.");
            }
            tensors.add(
                    new TensorDescription(
                            node.getName(),
                            Optional.of(type(tensor.onnxType)),
                            Optional.of(Shape.of(tensor.getShape()))));
        }
        return tensors;
    }

    private static DataType type(TensorInfo.OnnxTensorType type) {
        return switch (type) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BF16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
            default -> DataType.INVALID;
        };
    }
}
