package io.nereid.backend.tensorflow;

import com.google.protobuf.CodedOutputStream;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.ComputeThreads;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What a configuration says of its session (model-config section 13.3).
 *
 * <p>By default the graph runs on the instance's own thread and operators share one pool for the
 * process, which the first model sizes: a small graph answers five times sooner than with threads
 * between operators.
 *
 * @param intraThreads threads within an operator
 * @param interThreads threads between operators; negative for the calling thread alone
 * @param ownThreads whether the session has threads between operators of its own
 * @param tag tag of the SavedModel's graph
 * @param signature key of the signature, if the configuration names one
 */
record TfSettings(
        int intraThreads,
        int interThreads,
        boolean ownThreads,
        String tag,
        Optional<String> signature) {
    private static final int CALLING_THREAD = -1;
    private static final int INTRA_FIELD = 2;
    private static final int INTER_FIELD = 5;
    private static final int SOFT_PLACEMENT_FIELD = 7;
    private static final int OWN_THREADS_FIELD = 9;

    /**
     * Reads the settings of a model.
     *
     * @throws StatusException INVALID_ARG for a value that is not allowed
     */
    static TfSettings of(ModelConfigProto.ModelConfig config, BackendEnvironment environment) {
        checkUnsupported(config);
        int intra = count(config, "TF_NUM_INTRA_THREADS");
        int inter = count(config, "TF_NUM_INTER_THREADS");
        if (integer(config, "MAX_SESSION_SHARE_COUNT").orElse(1) <= 0) {
            throw mustBe(config, "MAX_SESSION_SHARE_COUNT", "positive");
        }
        return new TfSettings(
                intra > 0 ? intra : environment.cores(),
                inter > 0 ? inter : CALLING_THREAD,
                inter > 0 || integer(config, "TF_USE_PER_SESSION_THREADS").orElse(0) != 0,
                parameter(config, "TF_GRAPH_TAG").orElse("serve"),
                parameter(config, "TF_SIGNATURE_DEF"));
    }

    /** Threads that compute one execution. */
    ComputeThreads threads() {
        return ownThreads && interThreads > 0
                ? new ComputeThreads(
                        Math.max(intraThreads, interThreads), false, "TF_NUM_INTER_THREADS")
                : new ComputeThreads(intraThreads, true, "TF_NUM_INTRA_THREADS");
    }

    /** These settings as the bytes of TensorFlow's {@code ConfigProto}. */
    byte[] encoded() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeInt32(INTRA_FIELD, intraThreads);
            out.writeInt32(INTER_FIELD, interThreads);
            out.writeBool(SOFT_PLACEMENT_FIELD, true);
            out.writeBool(OWN_THREADS_FIELD, ownThreads);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void checkUnsupported(ModelConfigProto.ModelConfig config) {
        if (config.getOptimization().getExecutionAccelerators().getCpuExecutionAcceleratorCount()
                > 0) {
            throw StatusException.invalidArgument(
                    "CPU Execution Accelerator is not supported in TensorFlow backend");
        }
        if (config.containsParameters("TF_INIT_OPS_FILE")) {
            throw StatusException.invalidArgument(
                    "parameter 'TF_INIT_OPS_FILE' is not supported for TensorFlow model '"
                            + config.getName()
                            + "'");
        }
    }

    private static int count(ModelConfigProto.ModelConfig config, String key) {
        int value = integer(config, key).orElse(0);
        if (value < 0) {
            throw mustBe(config, key, "non-negative");
        }
        return value;
    }

    private static Optional<Integer> integer(ModelConfigProto.ModelConfig config, String key) {
        try {
            return parameter(config, key).map(text -> Integer.valueOf(text.strip()));
        } catch (NumberFormatException e) {
            throw mustBe(config, key, "an integer");
        }
    }

    private static StatusException mustBe(
            ModelConfigProto.ModelConfig config, String key, String what) {
        return StatusException.invalidArgument(
                "parameter '"
                        + key
                        + "' must be "
                        + (what.startsWith("an ") ? what : what + " number")
                        + " for TensorFlow model '"
                        + config.getName()
                        + "'");
    }

    private static Optional<String> parameter(ModelConfigProto.ModelConfig config, String key) {
        return Optional.ofNullable(config.getParametersMap().get(key))
                .map(ModelConfigProto.ModelParameter::getStringValue);
    }
}
