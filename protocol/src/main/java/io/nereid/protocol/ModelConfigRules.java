package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Map;
import java.util.Set;

/** The rules that a model configuration must keep, with the texts of model-config 4 to 10. */
public final class ModelConfigRules {
    private static final String ENSEMBLE = "ensemble";

    /** Backends that serve certain platforms only; any other takes every platform. */
    private static final Map<String, Set<String>> PLATFORMS =
            Map.of(
                    "tensorflow", Set.of("tensorflow_graphdef", "tensorflow_savedmodel"),
                    "tensorrt", Set.of("tensorrt_plan"),
                    "onnxruntime", Set.of("onnxruntime_onnx"),
                    "pytorch", Set.of("pytorch_libtorch", "torch_aoti"));

    private ModelConfigRules() {}

    /**
     * Checks everything but tensors, on a normalised message (section 10.1).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkStructure(ModelConfigProto.ModelConfig message) {
        if (message.getName().isEmpty()) {
            throw new InvalidConfigException("name", "model configuration must specify 'name'");
        }
        checkPlatform(message);
        if (message.getMaxBatchSize() < 0) {
            throw new InvalidConfigException(
                    "max_batch_size",
                    "'max_batch_size' must be non-negative value for " + message.getName());
        }
        if (!message.hasVersionPolicy()) {
            throw new InvalidConfigException(
                    "version_policy", "must specify 'version policy' for " + message.getName());
        }
        DynamicBatchingRules.check(message);
        SequenceBatchingRules.check(message);
        EnsembleRules.check(message);
        checkResponseCache(message);
        checkMetrics(message.getModelMetrics());
    }

    /**
     * Checks inputs and outputs (section 4.2), batch inputs and outputs (section 6), and the states
     * of sequences (section 7.2).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkTensors(ModelConfigProto.ModelConfig message) {
        TensorRules.check(message);
        BatchTensorRules.check(message);
        SequenceStateRules.check(message.getSequenceBatching());
    }

    private static void checkPlatform(ModelConfigProto.ModelConfig message) {
        String name = message.getName();
        String platform = message.getPlatform();
        String backend = message.getBackend();
        if (backend.isEmpty() && !platform.equals(ENSEMBLE)) {
            throw new InvalidConfigException(
                    "platform", "unexpected platform type '" + platform + "' for " + name);
        }
        if (!backend.isEmpty() && platform.equals(ENSEMBLE)) {
            throw new InvalidConfigException(
                    "backend",
                    "Ensemble model '"
                            + name
                            + "' must have platform type 'ensemble' and empty backend type");
        }
        Set<String> known = PLATFORMS.get(backend);
        if (known != null && !known.contains(platform)) {
            throw new InvalidConfigException(
                    "platform",
                    "unexpected 'platform' and 'backend' pair, got:" + platform + ", " + backend);
        }
    }

    private static void checkResponseCache(ModelConfigProto.ModelConfig message) {
        if (message.getModelTransactionPolicy().getDecoupled()
                && message.getResponseCache().getEnable()) {
            throw new InvalidConfigException(
                    "response_cache",
                    "Response Cache does not currently support model "
                            + message.getName()
                            + " with 'decoupled' transaction policy. Please disable the response"
                            + " cache.");
        }
    }

    private static void checkMetrics(ModelConfigProto.ModelMetrics metrics) {
        for (int i = 0; i < metrics.getMetricControlCount(); i++) {
            ModelConfigProto.ModelMetrics.MetricControl control = metrics.getMetricControl(i);
            String path = "model_metrics.metric_control[" + i + "]";
            if (!control.hasMetricIdentifier()) {
                throw new InvalidConfigException(
                        path, "metric control must specify 'metric_identifier'");
            }
            if (control.getMetricIdentifier().getFamily().isEmpty()) {
                throw new InvalidConfigException(
                        path + ".metric_identifier",
                        "metric identifier must specify non-empty 'family'");
            }
            if (!control.hasHistogramOptions()) {
                throw new InvalidConfigException(
                        path, "metric control must specify 'histogram_options'");
            }
            if (control.getHistogramOptions().getBucketsCount() == 0) {
                throw new InvalidConfigException(
                        path + ".histogram_options",
                        "histogram options must specify non-empty 'buckets'");
            }
        }
    }
}
