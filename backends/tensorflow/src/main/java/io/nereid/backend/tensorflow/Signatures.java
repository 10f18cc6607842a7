package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the inputs and outputs of an opened model in its graph. */
final class Signatures {
    private static final String DEFAULT_KEY = "serving_default";

    /** Signatures that set a model up and answer nothing. */
    private static final Set<String> HIDDEN =
            Set.of("__saved_model_init_op", "__saved_model_train_op");

    private Signatures() {}

    /**
     * The signature of a SavedModel: the configured one, else {@code serving_default}, else any.
     *
     * @throws StatusException INVALID_ARG if there is none
     */
    static TfSignature ofSavedModel(TfSession session, String model, TfSettings settings) {
        String key =
                settings.signature()
                        .orElseGet(() ->
                                session.signatures().containsKey(DEFAULT_KEY)
                                        ? DEFAULT_KEY
                                        : session.signatures().keySet().stream()
                                                .filter(other -> !HIDDEN.contains(other))
                                                .findFirst()
                                                .orElse(DEFAULT_KEY));
        SavedSignature signature = session.signatures().get(key);
        if (signature == null) {
            throw StatusException.invalidArgument(
                    "unable to load model '" + model + "', expected '" + key + "' signature");
        }
        return new TfSignature(
                ports(session.graph(), model, signature.inputs()),
                ports(session.graph(), model, signature.outputs()));
    }

    private static Map<String, TfPort> ports(
            TfGraph graph, String model, Map<String, SavedSignature.Entry> entries) {
        Map<String, TfPort> ports = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            TfPort port =
                    graph.port(name, entry.place())
                            .orElseThrow(() -> noSuchPlace(model, name, entry.place()));
            ModelTensor tensor = new ModelTensor(name, entry.type(), entry.shape());
            ports.put(name, new TfPort(tensor, port.operation(), port.index()));
        });
        return Collections.unmodifiableMap(ports);
    }

    private static StatusException noSuchPlace(String model, String name, String place) {
        return new StatusException(
                StatusCode.INTERNAL,
                "unable to load model '"
                        + model
                        + "', its signature places tensor '"
                        + name
                        + "' at '"
                        + place
                        + "', which the graph does not have");
    }

    /**
     * What a GraphDef has of the names that a configuration uses. Inputs are all placeholders;
     * outputs are those configured, wherever they are in the graph, and those that nothing reads.
     */
    static TfSignature ofGraphDef(TfGraph graph, ModelConfigProto.ModelConfig config) {
        List<String> placeholders = graph.inputNames();
        Map<String, TfPort> inputs = find(graph, placeholders);
        config.getInputList().stream()
                .map(ModelConfigProto.ModelInput::getName)
                .filter(name -> placeholders.contains(operation(name)))
                .forEach(name -> rename(inputs, operation(name), name));
        List<String> outputNames = new ArrayList<>(graph.outputNames());
        config.getOutputList().forEach(output -> outputNames.add(output.getName()));
        config.getSequenceBatching()
                .getStateList()
                .forEach(state -> outputNames.add(state.getOutputName()));
        return new TfSignature(
                Collections.unmodifiableMap(inputs),
                Collections.unmodifiableMap(find(graph, outputNames)));
    }

    private static Map<String, TfPort> find(TfGraph graph, List<String> names) {
        Map<String, TfPort> ports = new LinkedHashMap<>();
        names.forEach(name -> graph.port(name, name).ifPresent(port -> ports.put(name, port)));
        return ports;
    }

    /** A configuration may call the placeholder {@code x} by its tensor's name, {@code x:0}. */
    private static void rename(Map<String, TfPort> inputs, String operation, String name) {
        TfPort port = inputs.remove(operation);
        if (port != null) {
            inputs.put(name, port);
        }
    }

    private static String operation(String name) {
        return name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
    }
}
