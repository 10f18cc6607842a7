package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators one after the other that a file writes as one, such as decoding and cropping. Each gets
 * the first output of the one before in the place of the first input.
 */
public final class Chain implements SampleOperator {
    private final List<SampleOperator> operators;

    public Chain(SampleOperator... operators) {
        this.operators = List.of(operators);
    }

    @Override
    public List<Sample> run(Call call) {
        Call current = call;
        List<Sample> results = List.of();
        for (SampleOperator operator : operators) {
            results = operator.run(current);
            List<Sample> inputs = new ArrayList<>(call.inputs());
            inputs.set(0, results.getFirst());
            current = new Call(inputs, call.arguments());
        }
        return results;
    }
}
