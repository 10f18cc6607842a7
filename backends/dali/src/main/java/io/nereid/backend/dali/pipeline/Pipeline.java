package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.operator.BatchOperator;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compiled pipeline (DALI section 3). Immutable; several threads may run batches at a time.
 *
 * <p>Samples are independent of each other and each runs from the first operator to the last on one
 * thread, but for operators that look at the whole batch: these are barriers between stages.
 */
public final class Pipeline {
    private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

    private final int maxBatchSize;
    private final int numThreads;
    private final List<InputPort> inputs;
    private final List<Integer> inputSlots;
    private final List<OutputPort> outputs;
    private final List<Integer> outputSlots;
    private final List<List<Node>> stages;
    private final int slots;

    Pipeline(Graph graph) {
        this.maxBatchSize = graph.maxBatchSize();
        this.numThreads = graph.numThreads();
        this.inputs = graph.inputs();
        this.inputSlots = graph.inputSlots();
        this.outputs = graph.outputs();
        this.outputSlots = graph.outputSlots();
        this.slots = graph.slots();
        this.stages = stages(graph.nodes());
    }

    /** Largest batch that the file names. */
    public int maxBatchSize() {
        return maxBatchSize;
    }

    /** Number of threads that the file names. */
    public int numThreads() {
        return numThreads;
    }

    /** Inputs in the order of the file. */
    public List<InputPort> inputs() {
        return inputs;
    }

    /** Outputs in the order of the file. */
    public List<OutputPort> outputs() {
        return outputs;
    }

    /**
     * Executes a batch.
     *
     * @param samples for each sample one tensor per input, in the order of {@link #inputs}
     * @param parallel how samples share threads
     * @return one result per sample, in order
     */
    public List<SampleResult> run(List<List<Sample>> samples, Parallel parallel) {
        List<SampleRun> runs = new ArrayList<>(samples.size());
        for (List<Sample> tensors : samples) {
            runs.add(start(tensors));
        }
        for (List<Node> stage : stages) {
            run(stage, runs, parallel);
        }
        return runs.stream().map(this::result).toList();
    }

    private SampleRun start(List<Sample> tensors) {
        SampleRun run = new SampleRun(slots);
        for (int i = 0; i < inputSlots.size(); i++) {
            try {
                run.put(inputSlots.get(i), inputs.get(i).accept(tensors.get(i)));
            } catch (DaliException e) {
                run.fail(e.text());
            }
        }
        return run;
    }

    private static void run(List<Node> stage, List<SampleRun> runs, Parallel parallel) {
        List<SampleRun> alive = runs.stream().filter(run -> run.failure().isEmpty()).toList();
        Node first = stage.getFirst();
        SampleOperator head;
        try {
            head = head(first, alive);
        } catch (DaliException e) {
            alive.forEach(run -> run.fail(first.label() + e.text()));
            return;
        }
        parallel.forEach(
                alive.size(),
                i -> {
                    SampleRun run = alive.get(i);
                    if (step(first, head, run)) {
                        rest(stage, run);
                    }
                });
    }

    private static SampleOperator head(Node first, List<SampleRun> alive) {
        return switch (first.operator()) {
            case SampleOperator sample -> sample;
            case BatchOperator batch -> {
                List<Call> calls = alive.stream().map(first::call).toList();
                yield batch.forBatch(calls);
            }
        };
    }

    private static void rest(List<Node> stage, SampleRun run) {
        for (Node node : stage.subList(1, stage.size())) {
            if (!(node.operator() instanceof SampleOperator operator)) {
                throw new IllegalStateException("a batch operator inside a stage");
            }
            if (!step(node, operator, run)) {
                return;
            }
        }
    }

    private static boolean step(Node node, SampleOperator operator, SampleRun run) {
        try {
            node.store(run, operator.run(node.call(run)));
            return true;
        } catch (DaliException e) {
            run.fail(node.label() + e.text());
        } catch (RuntimeException e) {
            // a fault of ours must not take the other requests of the batch with it
            log.error("operator failed unexpectedly: {}", node.label().strip(), e);
            run.fail(node.label() + "internal error: " + e);
        }
        return false;
    }

    private SampleResult result(SampleRun run) {
        if (run.failure().isPresent()) {
            return new SampleResult.Failed(run.failure().get());
        }
        return new SampleResult.Done(outputSlots.stream().map(run::tensor).toList());
    }

    private static List<List<Node>> stages(List<Node> nodes) {
        int[] begins =
                IntStream.range(0, nodes.size())
                        .filter(i -> i == 0 || nodes.get(i).operator() instanceof BatchOperator)
                        .toArray();
        List<List<Node>> stages = new ArrayList<>();
        for (int i = 0; i < begins.length; i++) {
            int end = i + 1 < begins.length ? begins[i + 1] : nodes.size();
            stages.add(List.copyOf(nodes.subList(begins[i], end)));
        }
        return List.copyOf(stages);
    }
}
