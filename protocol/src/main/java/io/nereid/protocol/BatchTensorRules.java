package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.BatchInput;
import io.nereid.protocol.proto.ModelConfigProto.BatchOutput;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Rules of batch inputs and batch outputs (model-config section 6). */
final class BatchTensorRules {
    private final ModelConfigProto.ModelConfig message;
    private final Set<String> inputs;
    private final Set<String> outputs;
    private final Consumer<InvalidConfigException> breaches;

    private BatchTensorRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.breaches = breaches;
        this.inputs =
                message.getInputList().stream()
                        .map(ModelInput::getName)
                        .collect(Collectors.toUnmodifiableSet());
        this.outputs =
                message.getOutputList().stream()
                        .map(ModelOutput::getName)
                        .collect(Collectors.toUnmodifiableSet());
    }

    static void check(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        BatchTensorRules rules = new BatchTensorRules(message, breaches);
        for (int i = 0; i < message.getBatchInputCount(); i++) {
            rules.checkInput(message.getBatchInput(i), "batch_input[" + i + "]");
        }
        for (int i = 0; i < message.getBatchOutputCount(); i++) {
            rules.checkOutput(message.getBatchOutput(i), "batch_output[" + i + "]");
        }
    }

    private void checkInput(BatchInput input, String path) {
        checkOneSource("input", input.getKind().name(), input.getSourceInputList(), path);
        if (input.getDataType() != ModelConfigProto.DataType.TYPE_INT32
                && input.getDataType() != ModelConfigProto.DataType.TYPE_FP32) {
            broken(
                    path + ".data_type",
                    "batch input data type must be TYPE_INT32 or TYPE_FP32",
                    new Advice(
                            "TYPE_INT32 or TYPE_FP32",
                            input.getDataType().toString(),
                            "write the one that the model's input has"));
        }
        checkSources(input.getSourceInputList(), path);
        for (int t = 0; t < input.getTargetNameCount(); t++) {
            String target = input.getTargetName(t);
            if (inputs.contains(target)) {
                broken(
                        path + ".target_name[" + t + "]",
                        "batch input target '" + target + "' must not be listed as a model input",
                        new Advice(
                                "a tensor that clients do not send",
                                "'" + target + "', which is an input",
                                "remove the input '" + target + "'"));
            }
        }
    }

    private void checkOutput(BatchOutput output, String path) {
        checkOneSource("output", output.getKind().name(), output.getSourceInputList(), path);
        Set<String> targets = new HashSet<>();
        for (int t = 0; t < output.getTargetNameCount(); t++) {
            String target = output.getTargetName(t);
            String targetPath = path + ".target_name[" + t + "]";
            if (!outputs.contains(target)) {
                broken(
                        targetPath,
                        "unknown target output name '" + target + "'",
                        unknown("an output of the model", target, outputs));
            } else if (!targets.add(target)) {
                broken(
                        targetPath,
                        "target output name '" + target + "' can only be specified once",
                        new Advice("every target once", "'" + target + "' again", "remove it"));
            }
        }
        checkSources(output.getSourceInputList(), path);
    }

    private void checkOneSource(String what, String kind, List<String> sources, String path) {
        if (sources.size() != 1) {
            broken(
                    path + ".source_input",
                    "batch "
                            + what
                            + " kind '"
                            + kind
                            + "' expects 1 source input, got "
                            + sources.size(),
                    new Advice(
                            "one source_input",
                            String.valueOf(sources.size()),
                            "name the input that is to be measured"));
        }
    }

    private void checkSources(List<String> sources, String path) {
        for (int s = 0; s < sources.size(); s++) {
            if (!inputs.contains(sources.get(s))) {
                broken(
                        path + ".source_input[" + s + "]",
                        "unknown source input name '" + sources.get(s) + "'",
                        unknown("an input of the model", sources.get(s), inputs));
            }
        }
    }

    private static Advice unknown(String expected, String name, Set<String> known) {
        return new Advice(
                expected + ": " + String.join(", ", new TreeSet<>(known)),
                "'" + name + "'",
                Suggestions.rename(name, known, "write one of these names"));
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(
                new InvalidConfigException(path, text + " for " + message.getName(), advice));
    }
}
