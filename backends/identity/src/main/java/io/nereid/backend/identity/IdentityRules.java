package io.nereid.backend.identity;

import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;

/**
 * What the identity backend asks of a configuration, complete or not: inputs and outputs that match
 * in pairs. The texts are the reference's where it has one.
 */
final class IdentityRules {
    private IdentityRules() {}

    /**
     * Checks a configuration.
     *
     * @throws StatusException INVALID_ARG naming the pair at fault
     */
    static void check(ModelConfig config) {
        int inputs = config.getInputCount();
        int outputs = config.getOutputCount();
        if (inputs != outputs) {
            throw StatusException.invalidArgument(
                    "model '"
                            + config.getName()
                            + "' of the identity backend must have as many outputs as inputs, got "
                            + inputs
                            + " inputs and "
                            + outputs
                            + " outputs");
        }
        for (int i = 0; i < inputs; i++) {
            check(config.getName(), config.getInput(i), config.getOutput(i));
        }
    }

    private static void check(String model, ModelInput input, ModelOutput output) {
        requireName("input", input.getName(), "INPUT");
        requireName("output", output.getName(), "OUTPUT");
        if (!suffix(input.getName(), "INPUT").equals(suffix(output.getName(), "OUTPUT"))) {
            throw StatusException.invalidArgument(
                    "model '"
                            + model
                            + "' of the identity backend must list an output for each input in"
                            + " order, got '"
                            + input.getName()
                            + "' and '"
                            + output.getName()
                            + "'");
        }
        if (input.getDataType() != output.getDataType()) {
            throw StatusException.invalidArgument(
                    "expected input and output datatype to match, got "
                            + input.getDataType()
                            + " and "
                            + output.getDataType());
        }
        Shape in =
                Shape.of(
                        input.hasReshape()
                                ? input.getReshape().getShapeList()
                                : input.getDimsList());
        Shape out =
                Shape.of(
                        output.hasReshape()
                                ? output.getReshape().getShapeList()
                                : output.getDimsList());
        if (!in.equals(out)) {
            throw StatusException.invalidArgument(
                    "expected input and output shape to match, got " + in + " and " + out);
        }
    }

    /** Names of other patterns are served, too, so only none at all is wrong. */
    private static void requireName(String kind, String name, String prefix) {
        if (name.isEmpty()) {
            throw StatusException.invalidArgument(
                    "expected " + kind + " name to follow " + prefix + "<index> pattern, got ''");
        }
    }

    /** What follows the prefix; names without the prefix match any other. */
    private static String suffix(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : "";
    }
}
