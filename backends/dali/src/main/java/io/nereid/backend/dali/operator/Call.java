package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one sample brings to an operator.
 *
 * @param inputs positional inputs, in order
 * @param arguments argument inputs by the argument's name
 */
public record Call(List<Sample> inputs, Map<String, Sample> arguments) {
    /** The first positional input. */
    public Sample input() {
        return inputs.getFirst();
    }

    /** The positional input at {@code index}, if there is one. */
    public Optional<Sample> input(int index) {
        return index < inputs.size() ? Optional.of(inputs.get(index)) : Optional.empty();
    }
}
