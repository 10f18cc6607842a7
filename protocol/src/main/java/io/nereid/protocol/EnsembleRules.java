package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling.Step;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules of an ensemble that need no other model (schedulers section 14.1). */
final class EnsembleRules {
    private static final String FIELD = "ensemble_scheduling";

    private final ModelConfigProto.ModelConfig message;
    private final String name;
    private final List<Step> steps;

    /** Which step writes a tensor. */
    private final Map<String, Integer> writers = new LinkedHashMap<>();

    private final Set<String> read = new LinkedHashSet<>();

    private EnsembleRules(ModelConfigProto.ModelConfig message) {
        this.message = message;
        this.name = message.getName();
        this.steps = message.getEnsembleScheduling().getStepList();
    }

    static void check(ModelConfigProto.ModelConfig message) {
        boolean platform = message.getPlatform().equals("ensemble");
        if (message.hasEnsembleScheduling() && !platform) {
            throw new InvalidConfigException(
                    FIELD,
                    "ensemble scheduling cannot be set for model '"
                            + message.getName()
                            + "' whose platform is not ensemble");
        }
        if (!platform) {
            return;
        }
        if (!message.hasEnsembleScheduling()) {
            throw new InvalidConfigException(
                    "platform",
                    "ensemble scheduling must be set for ensemble "
                            + message.getName()
                            + " whose platform is ensemble");
        }
        new EnsembleRules(message).check();
    }

    private void check() {
        checkAbsent();
        if (steps.isEmpty()) {
            throw new InvalidConfigException(
                    FIELD, "must specify 'step' for ensemble '" + name + "'");
        }
        for (int i = 0; i < steps.size(); i++) {
            checkStep(i);
        }
        checkMentioned();
        checkConnected();
    }

    private void checkAbsent() {
        if (message.getInstanceGroupCount() > 0) {
            throw new InvalidConfigException(
                    "instance_group",
                    "instance group should not be specified for ensemble '" + name + "'");
        }
        if (message.hasOptimization()) {
            throw new InvalidConfigException(
                    "optimization",
                    "optimization should not be specified for ensemble '" + name + "'");
        }
        if (message.getModelWarmupCount() > 0) {
            throw new InvalidConfigException(
                    "model_warmup",
                    "model_warmup can not be specified for ensemble '" + name + "'");
        }
    }

    private void checkStep(int index) {
        Step step = steps.get(index);
        String path = FIELD + ".step[" + index + "]";
        if (step.getModelName().isEmpty()) {
            throw missing("model_name", index);
        }
        if (step.getInputMapCount() == 0) {
            throw missing("input_map", index);
        }
        if (step.getOutputMapCount() == 0) {
            throw missing("output_map", index);
        }
        read.addAll(step.getInputMapMap().values());
        for (String tensor : step.getOutputMapMap().values()) {
            if (writers.putIfAbsent(tensor, index) != null) {
                throw new InvalidConfigException(
                        path + ".output_map",
                        "ensemble tensor '"
                                + tensor
                                + "' can appear in an output map only once for ensemble '"
                                + name
                                + "' step "
                                + index);
            }
        }
    }

    private InvalidConfigException missing(String field, int step) {
        return new InvalidConfigException(
                FIELD + ".step[" + step + "]",
                "must specify '" + field + "' in step " + step + " of ensemble '" + name + "'");
    }

    // The quote after the ensemble's name stands alone in the reference, too.
    private void checkMentioned() {
        for (int i = 0; i < message.getInputCount(); i++) {
            String input = message.getInput(i).getName();
            if (!read.contains(input)) {
                throw new InvalidConfigException(
                        "input[" + i + "]",
                        "ensemble input '" + input + "' for ensemble " + name + "' is not used");
            }
        }
        for (int i = 0; i < message.getOutputCount(); i++) {
            String output = message.getOutput(i).getName();
            if (!read.contains(output) && !writers.containsKey(output)) {
                throw new InvalidConfigException(
                        "output[" + i + "]",
                        "ensemble output '" + output + "' for ensemble " + name + "' is not used");
            }
        }
    }

    private void checkConnected() {
        Set<String> connected = connected();
        Set<String> outputs = new HashSet<>();
        for (int i = 0; i < message.getOutputCount(); i++) {
            String output = message.getOutput(i).getName();
            outputs.add(output);
            if (!connected.contains(output)) {
                throw new InvalidConfigException(
                        "output[" + i + "]",
                        "output '"
                                + output
                                + "' for ensemble '"
                                + name
                                + "' is not written"
                                + missingSource(output, connected));
            }
        }
        Set<String> tensors = new LinkedHashSet<>(read);
        tensors.addAll(writers.keySet());
        for (String tensor : tensors) {
            boolean used = read.contains(tensor) || outputs.contains(tensor);
            if (!connected.contains(tensor) || !used) {
                throw new InvalidConfigException(
                        FIELD,
                        "ensemble tensor '" + tensor + "' is unused in ensemble '" + name + "'");
            }
        }
    }

    /** Tensors that can be had from the ensemble's inputs. */
    private Set<String> connected() {
        Set<String> connected = new HashSet<>();
        message.getInputList().stream().map(ModelInput::getName).forEach(connected::add);
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Step step : steps) {
                if (connected.containsAll(step.getInputMapMap().values())) {
                    grew |= connected.addAll(step.getOutputMapMap().values());
                }
            }
        }
        return connected;
    }

    private String missingSource(String output, Set<String> connected) {
        Integer writer = writers.get(output);
        if (writer == null) {
            return "";
        }
        return steps.get(writer).getInputMapMap().values().stream()
                .filter(tensor -> !connected.contains(tensor))
                .findFirst()
                .map(tensor ->
                        ": at least one of its depending tensors, '"
                                + tensor
                                + "', is not connected")
                .orElse("");
    }
}
