package io.nereid.ensemble;

import io.nereid.protocol.TensorAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A random ensemble without cycles whose steps calculate, some of them decoupled, and what it must
 * answer, found by plain recursion. Tensor {@code t0} is its input, step i writes {@code t(i+1)}.
 */
final class RandomGraph {
    /** Of tensors that come once. */
    private static final int NONE = -1;

    private static final int MODULUS = 1_000_003;

    /**
     * One step.
     *
     * @param left tensor that it reads
     * @param right the other tensor that it reads, of the same origin
     */
    record Step(HandModel model, int left, int right, boolean decoupled) {}

    /** The values that the decoupled steps of one request have given, in their order, by step. */
    record Given(int input, Map<Integer, List<Integer>> values) {
        Given(int input) {
            this(input, new LinkedHashMap<>());
        }

        /** The next response of a step. */
        void add(int step, int value) {
            values.computeIfAbsent(step, _ -> new ArrayList<>()).add(value);
        }

        private List<Integer> of(int step) {
            return values.getOrDefault(step, List.of());
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private final List<Integer> origins = new ArrayList<>(List.of(NONE));
    private final Set<Integer> outputs = new TreeSet<>();
    private final int maxInflight;

    RandomGraph(Random random) {
        int count = 1 + random.nextInt(7);
        boolean anyDecoupled = random.nextInt(3) > 0;
        for (int i = 0; i < count; i++) {
            int left = random.nextInt(i + 1);
            int origin = origins.get(left);
            int[] same =
                    IntStream.rangeClosed(0, i).filter(t -> origins.get(t) == origin).toArray();
            int right = same[random.nextInt(same.length)];
            boolean decoupled = anyDecoupled && random.nextInt(3) == 0;
            String more = decoupled ? "model_transaction_policy { decoupled: true }" : "";
            steps.add(
                    new Step(
                            HandModel.of("m" + i, List.of("A", "B"), List.of("C"), more),
                            left,
                            right,
                            decoupled));
            origins.add(decoupled ? i : origin);
            if (random.nextInt(3) == 0) {
                outputs.add(i + 1);
            }
        }
        // A tensor that no step reads must be an output.
        IntStream.rangeClosed(1, count)
                .filter(t -> steps.stream().noneMatch(s -> s.left() == t || s.right() == t))
                .forEach(outputs::add);
        maxInflight = random.nextInt(4);
    }

    List<Step> steps() {
        return steps;
    }

    Set<Integer> outputs() {
        return outputs;
    }

    /** Most requests of a step at once; 0 for any number. */
    int maxInflight() {
        return maxInflight;
    }

    boolean decoupled() {
        return steps.stream().anyMatch(Step::decoupled);
    }

    TestGraph graph(TensorAllocator allocator) {
        TestGraph graph =
                new TestGraph(
                        "g", allocator, List.of("t0"), outputs.stream().map(t -> "t" + t).toList());
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            graph.step(
                    step.model(),
                    Map.of("A", "t" + step.left(), "B", "t" + step.right()),
                    Map.of("C", "t" + (i + 1)));
        }
        return (decoupled() ? graph.decoupled() : graph).maxInflight(maxInflight);
    }

    /** What a step makes of its inputs. */
    static int calculate(int step, int left, int right) {
        return (int) ((31L * left + 17L * right + step) % MODULUS);
    }

    /** The responses to a request, if nothing goes wrong. */
    List<Map<String, Integer>> responses(Given given, Set<Integer> wanted) {
        int count = wanted.stream().mapToInt(tensor -> count(given, tensor)).min().orElseThrow();
        List<Map<String, Integer>> responses = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            Map<String, Integer> response = new LinkedHashMap<>();
            for (int tensor : wanted) {
                response.put("t" + tensor, value(given, tensor, k));
            }
            responses.add(response);
        }
        return responses;
    }

    private int count(Given given, int tensor) {
        int origin = origins.get(tensor);
        return origin == NONE ? 1 : given.of(origin).size();
    }

    private int value(Given given, int tensor, int k) {
        if (tensor == 0) {
            return given.input();
        }
        Step step = steps.get(tensor - 1);
        return step.decoupled()
                ? given.of(tensor - 1).get(k)
                : calculate(
                        tensor - 1, value(given, step.left(), k), value(given, step.right(), k));
    }
}
