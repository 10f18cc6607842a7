package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Operator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A compiled operator and the numbers of the tensors that it reads and writes.
 *
 * @param operator what to compute
 * @param label beginning of its error texts
 * @param inputs positional inputs
 * @param arguments argument inputs by the argument's name
 * @param outputs tensors that it makes
 * @param lastUses tensors that nobody reads afterwards
 */
record Node(
        Operator operator,
        String label,
        List<Integer> inputs,
        Map<String, Integer> arguments,
        List<Integer> outputs,
        List<Integer> lastUses) {

    Call call(SampleRun run) {
        List<Sample> positional = new ArrayList<>(inputs.size());
        for (int slot : inputs) {
            positional.add(run.tensor(slot));
        }
        Map<String, Sample> named = new HashMap<>();
        arguments.forEach((name, slot) -> named.put(name, run.tensor(slot)));
        return new Call(positional, named);
    }

    void store(SampleRun run, List<Sample> results) {
        if (results.size() < outputs.size()) {
            throw new DaliException(
                    "The operator has "
                            + results.size()
                            + " outputs, the file names "
                            + outputs.size());
        }
        for (int i = 0; i < outputs.size(); i++) {
            run.put(outputs.get(i), results.get(i));
        }
        lastUses.forEach(run::drop);
    }

    Node withLastUses(List<Integer> slots) {
        return new Node(operator, label, inputs, arguments, outputs, List.copyOf(slots));
    }
}
