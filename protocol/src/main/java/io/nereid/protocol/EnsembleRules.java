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
import java.util.TreeSet;
import java.util.function.Consumer;

/** Rules of an ensemble that need no other model (schedulers section 14.1). */
final class EnsembleRules {
    private static final String FIELD = "ensemble_scheduling";

    private final ModelConfigProto.ModelConfig message;
    private final String name;
    private final List<Step> steps;

    /** Which step writes a tensor. */
    private final Map<String, Integer> writers = new LinkedHashMap<>();

    private final Set<String> read = new LinkedHashSet<>();

    private final Consumer<InvalidConfigException> breaches;

    private EnsembleRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.name = message.getName();
        this.steps = message.getEnsembleScheduling().getStepList();
        this.breaches = breaches;
    }

    static void check(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        boolean platform = message.getPlatform().equals("ensemble");
        EnsembleRules rules = new EnsembleRules(message, breaches);
        if (message.hasEnsembleScheduling() && !platform) {
            rules.broken(
                    FIELD,
                    "ensemble scheduling cannot be set for model '"
                            + message.getName()
                            + "' whose platform is not ensemble",
                    new Advice(
                            "platform \"ensemble\" and no backend",
                            "platform \"" + message.getPlatform() + "\"",
                            "write platform: \"ensemble\", or remove ensemble_scheduling"));
        } else if (platform && !message.hasEnsembleScheduling()) {
            rules.broken(
                    "platform",
                    "ensemble scheduling must be set for ensemble "
                            + message.getName()
                            + " whose platform is ensemble",
                    new Advice(
                            "ensemble_scheduling with at least one step",
                            "none",
                            "add ensemble_scheduling { step [ ... ] }"));
        } else if (platform) {
            rules.check();
        }
    }

    private void check() {
        checkAbsent();
        if (steps.isEmpty()) {
            broken(
                    FIELD,
                    "must specify 'step' for ensemble '" + name + "'",
                    new Advice("at least one step", "none", "add step [ { model_name: ... } ]"));
            return;
        }
        boolean complete = true;
        for (int i = 0; i < steps.size(); i++) {
            complete &= checkStep(i);
        }
        if (complete && checkMentioned()) {
            checkConnected();
        }
    }

    private void checkAbsent() {
        if (message.getInstanceGroupCount() > 0) {
            foreign(
                    "instance_group",
                    "instance group should not be specified for ensemble '" + name + "'");
        }
        if (message.hasOptimization()) {
            foreign(
                    "optimization",
                    "optimization should not be specified for ensemble '" + name + "'");
        }
        if (message.getModelWarmupCount() > 0) {
            foreign(
                    "model_warmup",
                    "model_warmup can not be specified for ensemble '" + name + "'");
        }
    }

    private void foreign(String field, String text) {
        broken(
                field,
                text,
                Advice.fix("remove " + field + "; the models of the steps may have one"));
    }

    /** Whether a step says all that it must. */
    private boolean checkStep(int index) {
        Step step = steps.get(index);
        String path = FIELD + ".step[" + index + "]";
        boolean complete = require(!step.getModelName().isEmpty(), "model_name", index);
        complete &= require(step.getInputMapCount() > 0, "input_map", index);
        complete &= require(step.getOutputMapCount() > 0, "output_map", index);
        read.addAll(step.getInputMapMap().values());
        for (Map.Entry<String, String> entry : step.getOutputMapMap().entrySet()) {
            String tensor = entry.getValue();
            Integer writer = writers.putIfAbsent(tensor, index);
            if (writer != null) {
                complete = false;
                broken(
                        path + ".output_map[\"" + entry.getKey() + "\"]",
                        "ensemble tensor '"
                                + tensor
                                + "' can appear in an output map only once for ensemble '"
                                + name
                                + "' step "
                                + index,
                        new Advice(
                                "a tensor that no other step writes",
                                "'" + tensor + "', which step " + writer + " writes",
                                "give it another name here and where it is read"));
            }
        }
        return complete;
    }

    private boolean require(boolean present, String field, int step) {
        if (!present) {
            broken(
                    FIELD + ".step[" + step + "]",
                    "must specify '" + field + "' in step " + step + " of ensemble '" + name + "'",
                    new Advice("a " + field, "none", "add " + field + " to this step"));
        }
        return present;
    }

    // The quote after the ensemble's name stands alone in the reference, too.
    private boolean checkMentioned() {
        boolean all = true;
        for (int i = 0; i < message.getInputCount(); i++) {
            String input = message.getInput(i).getName();
            if (!read.contains(input)) {
                all = false;
                broken(
                        "input[" + i + "]",
                        "ensemble input '" + input + "' for ensemble " + name + "' is not used",
                        new Advice(
                                "the value of an input_map",
                                "read are " + listed(read),
                                Suggestions.rename(
                                        input,
                                        read,
                                        "map an input of a step to it, or remove it")));
            }
        }
        for (int i = 0; i < message.getOutputCount(); i++) {
            String output = message.getOutput(i).getName();
            if (!read.contains(output) && !writers.containsKey(output)) {
                all = false;
                broken(
                        "output[" + i + "]",
                        "ensemble output '" + output + "' for ensemble " + name + "' is not used",
                        new Advice(
                                "the value of an output_map",
                                "written are " + listed(writers.keySet()),
                                Suggestions.rename(
                                        output,
                                        writers.keySet(),
                                        "map an output of a step to it, or remove it")));
            }
        }
        return all;
    }

    private void checkConnected() {
        Set<String> connected = connected();
        boolean unwritten = false;
        Set<String> outputs = new HashSet<>();
        for (int i = 0; i < message.getOutputCount(); i++) {
            String output = message.getOutput(i).getName();
            outputs.add(output);
            if (!connected.contains(output)) {
                unwritten = true;
                broken(
                        "output[" + i + "]",
                        "output '"
                                + output
                                + "' for ensemble '"
                                + name
                                + "' is not written"
                                + missingSource(output, connected),
                        new Advice(
                                "a tensor that follows from the ensemble's inputs",
                                "these do: " + listed(connected),
                                "look for a tensor of a step's input_map that nothing writes"));
            }
        }
        Set<String> tensors = new LinkedHashSet<>(read);
        tensors.addAll(writers.keySet());
        for (String tensor : tensors) {
            boolean used = read.contains(tensor) || outputs.contains(tensor);
            // What a step writes that cannot run follows from an output that was reported.
            boolean follows = unwritten && writers.containsKey(tensor) && used;
            if (!follows && (!connected.contains(tensor) || !used)) {
                unused(tensor, connected);
            }
        }
    }

    private void unused(String tensor, Set<String> connected) {
        boolean reachable = connected.contains(tensor);
        broken(
                pathOf(tensor),
                "ensemble tensor '" + tensor + "' is unused in ensemble '" + name + "'",
                reachable
                        ? new Advice(
                                "a tensor that a step or an output of the ensemble takes",
                                "'" + tensor + "', which is only written",
                                "remove it from output_map, or add it to output")
                        : new Advice(
                                "a tensor that is an input or follows from inputs",
                                "'" + tensor + "'; these do: " + listed(connected),
                                Suggestions.rename(
                                        tensor,
                                        connected,
                                        "add it to input, or to the output_map of a step")));
    }

    /** The entry of a map that has the tensor for its value. */
    private String pathOf(String tensor) {
        for (int i = 0; i < steps.size(); i++) {
            String path = FIELD + ".step[" + i + "]";
            for (Map.Entry<String, String> entry : steps.get(i).getInputMapMap().entrySet()) {
                if (entry.getValue().equals(tensor)) {
                    return path + ".input_map[\"" + entry.getKey() + "\"]";
                }
            }
            for (Map.Entry<String, String> entry : steps.get(i).getOutputMapMap().entrySet()) {
                if (entry.getValue().equals(tensor)) {
                    return path + ".output_map[\"" + entry.getKey() + "\"]";
                }
            }
        }
        return FIELD;
    }

    private static String listed(Set<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", new TreeSet<>(names));
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(new InvalidConfigException(path, text, advice));
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
