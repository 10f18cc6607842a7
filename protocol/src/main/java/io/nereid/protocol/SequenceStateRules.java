package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.InitialState;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.HashSet;
import java.util.Set;

/** Rules of a sequence's states, as far as they need no file (model-config section 7.2). */
final class SequenceStateRules {
    private SequenceStateRules() {}

    static void check(ModelSequenceBatching batching) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < batching.getStateCount(); i++) {
            State state = batching.getState(i);
            String path = "sequence_batching.state[" + i + "]";
            String name = state.getInputName();
            if (!names.add(name)) {
                throw new InvalidConfigException(
                        path + ".input_name",
                        "State input name '" + name + "' specified more than once.");
            }
            if (state.getInitialStateCount() > 1) {
                throw new InvalidConfigException(
                        path + ".initial_state[1]",
                        "initial_state field for state input '"
                                + name
                                + "' must contain exactly one or zero element. Found '"
                                + state.getInitialStateCount()
                                + "' elements.");
            }
            if (state.getInitialStateCount() == 1) {
                checkInitial(state, state.getInitialState(0), path + ".initial_state[0]");
            }
            if (state.getUseGrowableMemory() && !state.getUseSameBufferForInputOutput()) {
                throw new InvalidConfigException(
                        path + ".use_growable_memory",
                        "In order to 'use_growable_memory', you must also enable"
                                + " 'use_single_buffer' for state input name '"
                                + name
                                + "'.");
            }
        }
    }

    private static void checkInitial(State state, InitialState initial, String path) {
        String name = state.getInputName();
        if (initial.getDataType() != state.getDataType()) {
            throw new InvalidConfigException(
                    path + ".data_type",
                    "The data type used for 'initial_state' field of state '"
                            + name
                            + "' does not match the state data type.");
        }
        if (initial.getName().isEmpty()) {
            throw new InvalidConfigException(
                    path,
                    "Field 'name' must be set when using initial_state for state input '"
                            + name
                            + "'.");
        }
        if (initial.getDimsCount() != state.getDimsCount()) {
            throw new InvalidConfigException(
                    path + ".dims",
                    "Number of dimensions in 'initial_state' doesn't match the size of 'state'"
                            + " dimensions for state input '"
                            + name
                            + "'. "
                            + initial.getDimsCount()
                            + " != "
                            + state.getDimsCount());
        }
        checkInitialDims(state, initial, path);
        if (initial.getStateDataCase() == InitialState.StateDataCase.STATEDATA_NOT_SET) {
            throw new InvalidConfigException(
                    path,
                    "initial_state setting expects state'" + name + "' to have state_data set");
        }
    }

    private static void checkInitialDims(State state, InitialState initial, String path) {
        for (int d = 0; d < initial.getDimsCount(); d++) {
            long dim = initial.getDims(d);
            if (dim == Shape.ANY) {
                throw new InvalidConfigException(
                        path + ".dims[" + d + "]",
                        "'initial_state' field for state input name '"
                                + state.getInputName()
                                + "' contains variable dimensions.");
            }
            if (state.getDims(d) != Shape.ANY && state.getDims(d) != dim) {
                throw new InvalidConfigException(
                        path + ".dims[" + d + "]",
                        "'initial_state' dim for input name '"
                                + state.getInputName()
                                + "' doesn't match 'state' dim description. "
                                + dim
                                + " != "
                                + state.getDims(d));
            }
        }
    }
}
