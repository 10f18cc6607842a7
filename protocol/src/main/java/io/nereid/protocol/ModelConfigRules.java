package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

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

    private final ModelConfigProto.ModelConfig message;
    private final Consumer<InvalidConfigException> breaches;

    private ModelConfigRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.breaches = breaches;
    }

    /**
     * Checks everything but tensors, on a normalised message (section 10.1).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkStructure(ModelConfigProto.ModelConfig message) {
        checkStructure(message, ModelConfigRules::refuse);
    }

    /**
     * Checks everything but tensors, as far as one breach lets the next be seen.
     *
     * @param breaches takes each rule that is broken; may throw it
     */
    public static void checkStructure(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        new ModelConfigRules(message, breaches).check();
    }

    /**
     * Checks inputs and outputs (section 4.2), batch inputs and outputs (section 6), and the states
     * of sequences (section 7.2).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkTensors(ModelConfigProto.ModelConfig message) {
        checkTensors(message, ModelConfigRules::refuse);
    }

    /**
     * Checks all tensors, as far as one breach lets the next be seen.
     *
     * @param breaches takes each rule that is broken; may throw it
     */
    public static void checkTensors(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        TensorRules.check(message, breaches);
        BatchTensorRules.check(message, breaches);
        SequenceStateRules.check(message.getSequenceBatching(), breaches);
    }

    private static void refuse(InvalidConfigException breach) {
        throw breach;
    }

    private void check() {
        if (message.getName().isEmpty()) {
            broken(
                    "name",
                    "model configuration must specify 'name'",
                    Advice.fix("add name: \"...\" with the name of the model's directory"));
        }
        checkPlatform();
        if (message.getMaxBatchSize() < 0) {
            broken(
                    "max_batch_size",
                    "'max_batch_size' must be non-negative value for " + message.getName(),
                    new Advice(
                            "0 for a model without batch dimension, else the largest batch",
                            String.valueOf(message.getMaxBatchSize()),
                            "write 0 or the largest batch"));
        }
        if (!message.hasVersionPolicy()) {
            broken(
                    "version_policy",
                    "must specify 'version policy' for " + message.getName(),
                    Advice.fix("add version_policy { latest { num_versions: 1 } }"));
        }
        DynamicBatchingRules.check(message, breaches);
        SequenceBatchingRules.check(message, breaches);
        EnsembleRules.check(message, breaches);
        checkResponseCache();
        checkMetrics(message.getModelMetrics());
    }

    private void checkPlatform() {
        String name = message.getName();
        String platform = message.getPlatform();
        String backend = message.getBackend();
        if (backend.isEmpty() && !platform.equals(ENSEMBLE)) {
            broken(
                    "platform",
                    "unexpected platform type '" + platform + "' for " + name,
                    new Advice(
                            "one of " + String.join(", ", platforms()),
                            platform.isEmpty() ? "neither platform nor backend" : platform,
                            Suggestions.rename(
                                    platform,
                                    platforms(),
                                    "write backend: \"...\" with the engine's name, for instance"
                                            + " \"onnxruntime\"")));
        }
        if (!backend.isEmpty() && platform.equals(ENSEMBLE)) {
            broken(
                    "backend",
                    "Ensemble model '"
                            + name
                            + "' must have platform type 'ensemble' and empty backend type",
                    new Advice("no backend", backend, "remove backend"));
        }
        Set<String> known = PLATFORMS.get(backend);
        if (known != null && !known.contains(platform)) {
            broken(
                    "platform",
                    "unexpected 'platform' and 'backend' pair, got:" + platform + ", " + backend,
                    new Advice(
                            "for backend " + backend + ": " + String.join(" or ", sorted(known)),
                            platform.isEmpty() ? "no platform" : platform,
                            Suggestions.rename(
                                    platform,
                                    known,
                                    "write one of these, or remove platform and backend to have"
                                            + " them derived from the model file")));
        }
    }

    private static NavigableSet<String> platforms() {
        NavigableSet<String> all = new TreeSet<>();
        PLATFORMS.values().forEach(all::addAll);
        all.add(ENSEMBLE);
        return all;
    }

    private static NavigableSet<String> sorted(Set<String> names) {
        return new TreeSet<>(names);
    }

    private void checkResponseCache() {
        if (message.getModelTransactionPolicy().getDecoupled()
                && message.getResponseCache().getEnable()) {
            broken(
                    "response_cache",
                    "Response Cache does not currently support model "
                            + message.getName()
                            + " with 'decoupled' transaction policy. Please disable the response"
                            + " cache.",
                    new Advice("decoupled or a response cache", "both", "remove response_cache"));
        }
    }

    private void checkMetrics(ModelConfigProto.ModelMetrics metrics) {
        for (int i = 0; i < metrics.getMetricControlCount(); i++) {
            checkMetric(metrics.getMetricControl(i), "model_metrics.metric_control[" + i + "]");
        }
    }

    private void checkMetric(ModelConfigProto.ModelMetrics.MetricControl control, String path) {
        if (!control.hasMetricIdentifier()) {
            broken(
                    path,
                    "metric control must specify 'metric_identifier'",
                    Advice.fix("add metric_identifier { family: \"...\" }"));
        } else if (control.getMetricIdentifier().getFamily().isEmpty()) {
            broken(
                    path + ".metric_identifier",
                    "metric identifier must specify non-empty 'family'",
                    Advice.fix("add family: \"...\" with the name of a histogram"));
        }
        if (!control.hasHistogramOptions()) {
            broken(
                    path,
                    "metric control must specify 'histogram_options'",
                    Advice.fix("add histogram_options { buckets: [ ... ] }"));
        } else if (control.getHistogramOptions().getBucketsCount() == 0) {
            broken(
                    path + ".histogram_options",
                    "histogram options must specify non-empty 'buckets'",
                    Advice.fix("add buckets: [ ... ] with the upper bounds, ascending"));
        }
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(new InvalidConfigException(path, text, advice));
    }
}
