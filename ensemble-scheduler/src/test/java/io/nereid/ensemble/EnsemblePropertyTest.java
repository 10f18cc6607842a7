package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.ModelLease;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Random graphs without cycles, random failures, a random order of completion and sometimes a
 * cancellation: one end, the right numbers or the right error, and no memory left over.
 */
class EnsemblePropertyTest {
    private static final int MODULUS = 1_000_003;

    /** A graph of {@code add} steps; tensor {@code t0} is the input, step i writes t(i+1). */
    private static final class Graph {
        private final Random random;
        private final List<List<Integer>> sources = new ArrayList<>();
        private final Set<Integer> outputs = new TreeSet<>();
        private final Set<Integer> failing = new TreeSet<>();

        Graph(Random random, int steps, int failPercent) {
            this.random = random;
            for (int i = 0; i < steps; i++) {
                sources.add(List.of(random.nextInt(i + 1), random.nextInt(i + 1)));
                if (random.nextInt(100) < failPercent) {
                    failing.add(i);
                }
                if (random.nextInt(3) == 0) {
                    outputs.add(i + 1);
                }
            }
            // A tensor that no step reads must be an output.
            IntStream.rangeClosed(1, steps)
                    .filter(tensor -> sources.stream().noneMatch(all -> all.contains(tensor)))
                    .forEach(outputs::add);
        }

        int expected(int tensor) {
            if (tensor == 0) {
                return 1;
            }
            long sum = tensor;
            for (int source : sources.get(tensor - 1)) {
                sum += expected(source);
            }
            return (int) (sum % MODULUS);
        }

        boolean needs(int step, Set<Integer> wanted) {
            for (int tensor : wanted) {
                if (tensor == step + 1
                        || (tensor > 0 && needs(step, Set.copyOf(sources.get(tensor - 1))))) {
                    return true;
                }
            }
            return false;
        }

        String config() {
            StringBuilder text =
                    new StringBuilder(
                            "name: \"g\" platform: \"ensemble\""
                                    + " input { name: \"t0\" data_type: TYPE_INT32 dims: [ 1 ] } ");
            for (int output : outputs) {
                text.append(
                        "output { name: \"t%d\" data_type: TYPE_INT32 dims: [ 1 ] } "
                                .formatted(output));
            }
            text.append("ensemble_scheduling { ");
            for (int i = 0; i < sources.size(); i++) {
                text.append(
                        """
                        step { model_name: "add%d" model_version: -1
                          input_map { key: "A" value: "t%d" } input_map { key: "B" value: "t%d" }
                          output_map { key: "SUM" value: "t%d" } }
                        """
                                .formatted(i, sources.get(i).get(0), sources.get(i).get(1), i + 1));
            }
            return text.append("}").toString();
        }
    }

    @Property
    void endsOnceWithTheRightAnswerAndLeavesNoMemoryOpen(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int steps,
            @ForAll @IntRange(max = 30) int failPercent) {
        Random random = new Random(seed);
        Graph graph = new Graph(random, steps, failPercent);
        ManualExecutor executor = new ManualExecutor();
        boolean cancels = random.nextInt(10) == 0;
        try (SlabAllocator allocator = new SlabAllocator(0, true);
                RecordingSender sender = new RecordingSender()) {
            EnsembleScheduler model = open(graph, executor, allocator);
            InferenceRequest request = new InferenceRequest("g", OptionalLong.empty());
            request.addInput(number(allocator, "t0", 1));
            Set<Integer> wanted = wanted(graph);
            wanted.forEach(tensor -> request.addRequestedOutput("t" + tensor));
            model.config().validator().validate(request);
            model.infer(request, sender);
            while (executor.size() > 0) {
                assertThat(sender.hasEnded()).isFalse();
                executor.run(random.nextInt(executor.size()));
                if (cancels) {
                    request.cancel();
                }
            }
            model.close();
            assertThat(sender.ends()).isEqualTo(1);
            requireAnswer(graph, wanted, cancels, sender);
        }
    }

    private static Set<Integer> wanted(Graph graph) {
        Set<Integer> wanted = new TreeSet<>();
        for (int output : graph.outputs) {
            if (wanted.isEmpty() || graph.random.nextBoolean()) {
                wanted.add(output);
            }
        }
        return wanted;
    }

    private static void requireAnswer(
            Graph graph, Set<Integer> wanted, boolean cancels, RecordingSender sender) {
        boolean fails = graph.failing.stream().anyMatch(step -> graph.needs(step, wanted));
        if (sender.responses().isEmpty()) {
            StatusException failure = sender.failure();
            assertThat(fails || cancels).isTrue();
            if (failure.code() == StatusCode.CANCELLED) {
                assertThat(cancels).isTrue();
            } else {
                assertThat(failure.text()).matches("in ensemble 'g', add[0-9] failed");
            }
            return;
        }
        assertThat(fails).isFalse();
        Map<String, Integer> expected = new TreeMap<>();
        wanted.forEach(tensor -> expected.put("t" + tensor, graph.expected(tensor)));
        Map<String, Integer> found = new LinkedHashMap<>();
        sender.response().outputs().forEach(output -> found.put(output.name(), value(output)));
        assertThat(found).containsExactlyEntriesOf(expected);
    }

    private static EnsembleScheduler open(
            Graph graph, ManualExecutor executor, SlabAllocator allocator) {
        List<FakeModel> models = new ArrayList<>();
        for (int i = 0; i < graph.sources.size(); i++) {
            models.add(adder(i, graph.failing.contains(i), executor, allocator));
        }
        return new EnsembleScheduler(
                TestConfigs.parse(graph.config()),
                1,
                (name, version) ->
                        ModelLease.borrowed(models.get(Integer.parseInt(name.substring(3)))),
                ExecutionListener.NONE,
                System::nanoTime);
    }

    private static FakeModel adder(
            int index, boolean fails, ManualExecutor executor, SlabAllocator allocator) {
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "add%d"
                        input [ { name: "A" data_type: TYPE_INT32 dims: [ 1 ] },
                                { name: "B" data_type: TYPE_INT32 dims: [ 1 ] } ]
                        output { name: "SUM" data_type: TYPE_INT32 dims: [ 1 ] }
                        """
                                .formatted(index));
        return new FakeModel(
                config,
                executor,
                request -> {
                    if (fails) {
                        throw new StatusException(StatusCode.INTERNAL, "add" + index + " failed");
                    }
                    int a = value(request.input("A").orElseThrow());
                    int b = value(request.input("B").orElseThrow());
                    return List.of(number(allocator, "SUM", (a + b + index + 1) % MODULUS));
                });
    }

    private static @Owned Tensor number(SlabAllocator allocator, String name, int value) {
        TensorBuffer buffer = allocator.allocate(4);
        buffer.segment().set(ValueLayout.JAVA_INT, 0, value);
        return new Tensor(name, DataType.INT32, Shape.of(1), buffer);
    }

    private static int value(Tensor tensor) {
        return tensor.buffer().segment().get(ValueLayout.JAVA_INT, 0);
    }
}
