package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.SignatureChecks;
import io.nereid.backend.foreign.SignatureChecks.Direction;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares a configuration with a model (model-config section 14): names, controls, number of
 * inputs, then types and shapes, then states. The first difference decides. The shapes in a
 * GraphDef are often those of training, so they are not compared.
 */
final class TfChecks {
    private final ModelConfig config;
    private final TfSignature signature;
    private final TfModelFile.Format format;
    private final SignatureChecks checks;

    private TfChecks(ModelConfig config, TfSignature signature, TfModelFile.Format format) {
        this.config = config;
        this.signature = signature;
        this.format = format;
        this.checks = new SignatureChecks(config.message());
    }

    /**
     * Compares all.
     *
     * @throws StatusException with the text of section 14 for the first difference
     */
    static void check(ModelConfig config, TfSignature signature, TfModelFile.Format format) {
        SignatureChecks.noOptionalInputs(config.message());
        TfChecks all = new TfChecks(config, signature, format);
        all.checkNames();
        config.message().getSequenceBatching().getControlInputList().forEach(all::checkControl);
        all.checkInputCount();
        config.inputs().values().forEach(all::checkInput);
        config.outputs().values().forEach(all::checkOutput);
        all.checks.states(types(signature.inputs()), types(signature.outputs()));
    }

    private static Map<String, DataType> types(Map<String, TfPort> ports) {
        Map<String, DataType> types = new HashMap<>();
        ports.forEach((name, port) -> types.put(name, port.tensor().type()));
        return types;
    }

    private void checkNames() {
        for (String input : config.inputs().keySet()) {
            checks.knownName(Direction.INPUT, input, signature.inputs().keySet());
        }
        for (String output : config.outputs().keySet()) {
            checks.knownName(Direction.OUTPUT, output, signature.outputs().keySet());
        }
    }

    private void checkInputCount() {
        int configured =
                config.message().getInputCount()
                        + config.message().getBatchInputCount()
                        + config.message().getSequenceBatching().getControlInputCount()
                        + config.message().getSequenceBatching().getStateCount();
        int provided = signature.inputs().size();
        switch (format) {
            case SAVED_MODEL -> checks.inputCount(configured, signature.inputs().keySet());
            case GRAPH_DEF -> {
                if (configured > provided) {
                    throw checks.refuse(
                            "configuration expects "
                                    + configured
                                    + " inputs, model provides at most "
                                    + provided);
                }
            }
        }
    }

    private void checkInput(TensorSpec input) {
        ModelTensor provided = tensor(signature.inputs().get(input.name()));
        checks.type(Direction.INPUT, input, provided);
        if (input.ragged()) {
            checks.ragged(input.name(), provided);
        } else {
            checkShape(Direction.INPUT, input, provided);
        }
    }

    private void checkOutput(TensorSpec output) {
        ModelTensor provided = tensor(signature.outputs().get(output.name()));
        checks.type(Direction.OUTPUT, output, provided);
        if (config.scatterSource(output.name()).isPresent()) {
            checks.scattered(output.name(), provided);
        } else {
            checkShape(Direction.OUTPUT, output, provided);
        }
    }

    /** The signature of a tensor without dimensions says nothing, as does an unknown rank. */
    private void checkShape(Direction direction, TensorSpec configured, ModelTensor provided) {
        if (format == TfModelFile.Format.SAVED_MODEL && !provided.isScalar()) {
            checks.shape(direction, configured, provided);
        }
    }

    private void checkControl(ControlInput input) {
        TfPort provided = signature.inputs().get(input.getName());
        if (provided == null) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "configuration specified sequence control '"
                            + input.getName()
                            + "', but model does not provide that input");
        }
        for (Control control : input.getControlList()) {
            DataType wanted = SignatureChecks.controlType(control).orElse(provided.tensor().type());
            if (wanted != provided.tensor().type()) {
                throw checks.refuse(
                        "sequence control '"
                                + input.getName()
                                + "': the model expects "
                                + provided.tensor().type().configType()
                                + " but the model configuration specifies "
                                + wanted.configType());
            }
        }
    }

    private static ModelTensor tensor(@Nullable TfPort port) {
        if (port == null) {
            throw new IllegalStateException("a tensor was not found after its name was checked");
        }
        return port.tensor();
    }
}
