package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.scheduler.data.DataDirectory;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.InitialState;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every sequence of a model begins with (schedulers section 13): the data of the configuration
 * or a file, else zeros. Owns one buffer for each state, which all sequences share until they have
 * states of their own. Opened and closed by control threads, used by any.
 */
public final class InitialStates implements AutoCloseable {
    private final Map<String, StateSpec> specs = new LinkedHashMap<>();

    private InitialStates() {}

    /**
     * Reads the states.
     *
     * @param batches whether the model has a batch dimension
     * @param files where data files lie
     * @throws StatusException INVALID_ARG if a file is too short, INTERNAL if it cannot be read
     */
    public static @Owned InitialStates open(
            List<State> states, boolean batches, DataDirectory files) {
        InitialStates opened = new InitialStates();
        boolean complete = false;
        try {
            for (State state : states) {
                opened.specs.put(
                        state.getOutputName(),
                        new StateSpec(state.getOutputName(), initial(state, batches, files)));
            }
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                opened.close();
            }
        }
    }

    private static @Owned Tensor initial(State state, boolean batches, DataDirectory files) {
        DataType type = DataType.ofConfig(state.getDataType());
        Shape item = item(state);
        Shape shape = batches ? item.withLeading(1) : item;
        return new Tensor(state.getInputName(), type, shape, data(state, type, item, files));
    }

    /** The extents of the data where there are some; what varies is 1 otherwise. */
    private static Shape item(State state) {
        List<Long> dims =
                state.getInitialStateCount() > 0
                        ? state.getInitialState(0).getDimsList()
                        : state.getDimsList();
        return Shape.of(dims.stream().map(dim -> dim == Shape.ANY ? 1 : dim).toList());
    }

    private static @Owned TensorBuffer data(
            State state, DataType type, Shape item, DataDirectory files) {
        long elements = item.rank() == 0 ? 1 : item.elementCount();
        if (state.getInitialStateCount() > 0) {
            InitialState initial = state.getInitialState(0);
            if (initial.getStateDataCase() == InitialState.StateDataCase.DATA_FILE) {
                return files.read(initial.getDataFile(), type, elements);
            }
        }
        return files.zeros(type, elements);
    }

    /** What a new sequence carries. */
    public @Owned SequenceStates begin() {
        return new SequenceStates(specs);
    }

    @Override
    public void close() {
        specs.values().forEach(spec -> spec.initial().buffer().close());
        specs.clear();
    }
}
