package io.nereid.backend.onnxruntime;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of outputs before a run: what they were when the inputs had the same shapes. For
 * most graphs that settles it, and the engine can write where the answer is to lie. For one whose
 * outputs depend on the values of its inputs it does not: the engine finds that out and fails, and
 * then nothing is foretold any more. Used by one thread at a time.
 */
final class OutputPlans {
    private static final int MOST = 64;

    private final Map<Key, OutputPlan> plans = new HashMap<>();
    private boolean foretells = true;

    /**
     * What tells runs from one another.
     *
     * @param names of the inputs
     * @param shapes of the inputs
     * @param wanted names of the outputs
     */
    record Key(List<String> names, List<Shape> shapes, List<String> wanted) {
        static Key of(List<Tensor> inputs, List<String> wanted) {
            List<String> names = new ArrayList<>(inputs.size());
            List<Shape> shapes = new ArrayList<>(inputs.size());
            for (Tensor input : inputs) {
                names.add(input.name());
                shapes.add(input.shape());
            }
            return new Key(names, shapes, wanted);
        }
    }

    /** Where the outputs are to lie; empty if it is not known what they will be. */
    Optional<OutputPlan> find(Key key) {
        return Optional.ofNullable(plans.get(key));
    }

    /**
     * A run gave these outputs, in the order in which they were wanted and as the graph shapes
     * them.
     *
     * @param handedThrough whether one of them is an input, which is not to be copied
     */
    void learn(Key key, List<Tensor> outputs, boolean handedThrough) {
        boolean fixedSizes = outputs.stream().map(Tensor::type).allMatch(DataType::hasFixedSize);
        if (foretells && !handedThrough && fixedSizes && outputs.size() == key.wanted().size()) {
            if (plans.size() == MOST) {
                plans.clear();
            }
            plans.put(key, OutputPlan.of(outputs));
        }
    }

    /** A run succeeded that had failed with the outputs in their places. */
    void giveUp() {
        foretells = false;
        plans.clear();
    }
}
