package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.InitialState;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Rules of a sequence's states, as far as they need no file (model-config section 7.2). */
final class SequenceStateRules {
    private final ModelSequenceBatching batching;
    private final Consumer<InvalidConfigException> breaches;

    private SequenceStateRules(
            ModelSequenceBatching batching, Consumer<InvalidConfigException> breaches) {
        this.batching = batching;
        this.breaches = breaches;
    }

    static void check(ModelSequenceBatching batching, Consumer<InvalidConfigException> breaches) {
        new SequenceStateRules(batching, breaches).check();
    }

    private void check() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < batching.getStateCount(); i++) {
            State state = batching.getState(i);
            String path = "sequence_batching.state[" + i + "]";
            String name = state.getInputName();
            if (!names.add(name)) {
                broken(
                        path + ".input_name",
                        "State input name '" + name + "' specified more than once.",
                        new Advice("every state once", "'" + name + "' again", "remove one"));
            }
            if (state.getInitialStateCount() > 1) {
                broken(
                        path + ".initial_state[1]",
                        "initial_state field for state input '"
                                + name
                                + "' must contain exactly one or zero element. Found '"
                                + state.getInitialStateCount()
                                + "' elements.",
                        new Advice(
                                "one initial_state",
                                String.valueOf(state.getInitialStateCount()),
                                "keep one"));
            }
            if (state.getInitialStateCount() == 1) {
                checkInitial(state, state.getInitialState(0), path + ".initial_state[0]");
            }
            if (state.getUseGrowableMemory() && !state.getUseSameBufferForInputOutput()) {
                broken(
                        path + ".use_growable_memory",
                        "In order to 'use_growable_memory', you must also enable"
                                + " 'use_single_buffer' for state input name '"
                                + name
                                + "'.",
                        new Advice(
                                "use_same_buffer_for_input_output: true beside it",
                                "false",
                                "remove use_growable_memory, it saves GPU memory only"));
            }
        }
    }

    private void checkInitial(State state, InitialState initial, String path) {
        String name = state.getInputName();
        if (initial.getDataType() != state.getDataType()) {
            broken(
                    path + ".data_type",
                    "The data type used for 'initial_state' field of state '"
                            + name
                            + "' does not match the state data type.",
                    new Advice(
                            state.getDataType().toString(),
                            initial.getDataType().toString(),
                            "give both the type of the model's input"));
        }
        if (initial.getName().isEmpty()) {
            broken(
                    path,
                    "Field 'name' must be set when using initial_state for state input '"
                            + name
                            + "'.",
                    new Advice("a name", "none", "add name: \"...\" to initial_state"));
        }
        if (initial.getDimsCount() != state.getDimsCount()) {
            broken(
                    path + ".dims",
                    "Number of dimensions in 'initial_state' doesn't match the size of 'state'"
                            + " dimensions for state input '"
                            + name
                            + "'. "
                            + initial.getDimsCount()
                            + " != "
                            + state.getDimsCount(),
                    dims(state, initial));
        } else {
            checkInitialDims(state, initial, path);
        }
        if (initial.getStateDataCase() == InitialState.StateDataCase.STATEDATA_NOT_SET) {
            broken(
                    path,
                    "initial_state setting expects state'" + name + "' to have state_data set",
                    new Advice(
                            "zero_data or data_file",
                            "neither",
                            "add zero_data: true, or data_file with a file below initial_state/"));
        }
    }

    private void checkInitialDims(State state, InitialState initial, String path) {
        for (int d = 0; d < initial.getDimsCount(); d++) {
            long dim = initial.getDims(d);
            if (dim == Shape.ANY) {
                broken(
                        path + ".dims[" + d + "]",
                        "'initial_state' field for state input name '"
                                + state.getInputName()
                                + "' contains variable dimensions.",
                        dims(state, initial));
            } else if (state.getDims(d) != Shape.ANY && state.getDims(d) != dim) {
                broken(
                        path + ".dims[" + d + "]",
                        "'initial_state' dim for input name '"
                                + state.getInputName()
                                + "' doesn't match 'state' dim description. "
                                + dim
                                + " != "
                                + state.getDims(d),
                        dims(state, initial));
            }
        }
    }

    private static Advice dims(State state, InitialState initial) {
        return new Advice(
                "dims like the state's " + state.getDimsList() + ", with a size for each -1",
                initial.getDimsList().toString(),
                "correct the dims of initial_state");
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(new InvalidConfigException(path, text, advice));
    }
}
