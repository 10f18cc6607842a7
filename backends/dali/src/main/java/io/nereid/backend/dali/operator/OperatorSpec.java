package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The arguments of one operator in a file. An operator's constructor asks for every argument that
 * it knows; what nobody asked for is unknown. Used by one thread while a file is loaded.
 */
public final class OperatorSpec {
    private static final Set<String> WITHOUT_MEANING =
            Set.of(
                    "device",
                    "preserve",
                    "preserve_name",
                    "seed",
                    "bytes_per_sample_hint",
                    "max_batch_size",
                    "num_threads",
                    "no_copy",
                    "blocking",
                    "repeat_last",
                    "hw_decoder_load",
                    "hybrid_huffman_threshold",
                    "affine",
                    "memory_stats",
                    "split_stages",
                    "use_chunk_allocator",
                    "temp_buffer_hint",
                    "minibatch_size",
                    "image_type",
                    "use_fast_idct",
                    "jpeg_fancy_upsampling");

    private final String schema;
    private final int inputCount;
    private final Map<String, ArgumentValue> constants;
    private final Set<String> argumentInputs;
    private final Set<String> known = new HashSet<>();

    /**
     * @param schema name of the operator in the file
     * @param inputCount number of positional inputs
     * @param constants constant arguments by name
     * @param argumentInputs names of the arguments that get a value per sample
     */
    public OperatorSpec(
            String schema,
            int inputCount,
            Map<String, ArgumentValue> constants,
            Set<String> argumentInputs) {
        this.schema = schema;
        this.inputCount = inputCount;
        this.constants = new HashMap<>(constants);
        this.argumentInputs = Set.copyOf(argumentInputs);
    }

    /** Name of the operator in the file. */
    public String schema() {
        return schema;
    }

    /** Number of positional inputs. */
    public int inputCount() {
        return inputCount;
    }

    /** Whether the file gives the argument, as a constant or as an input. */
    public boolean has(String name) {
        known.add(name);
        return constants.containsKey(name) || argumentInputs.contains(name);
    }

    /** A scalar that may vary from sample to sample. */
    public Scalar scalar(String name, double defaultValue) {
        boolean perSample = argumentInputs.contains(name);
        return new Scalar(name, has(name), perSample, number(name).orElse(defaultValue));
    }

    /** A list that may vary from sample to sample. */
    public Numbers numbers(String name, double... defaultValues) {
        boolean given = has(name);
        boolean perSample = argumentInputs.contains(name);
        return new Numbers(
                name, given, perSample, constant(name, ArgumentValue::numbers, defaultValues));
    }

    /** A constant integer. */
    public long integer(String name, long defaultValue) {
        long[] values = integers(name);
        return values.length == 0 ? defaultValue : values[0];
    }

    /** A constant list of integers; empty if it is not given. */
    public long[] integers(String name) {
        return constant(name, ArgumentValue::integers, new long[0]);
    }

    /** A constant list of floats. */
    public double[] floats(String name, double... defaultValues) {
        return constant(name, ArgumentValue::numbers, defaultValues);
    }

    /** A constant float. */
    public double real(String name, double defaultValue) {
        return number(name).orElse(defaultValue);
    }

    /** A constant truth value. */
    public boolean flag(String name, boolean defaultValue) {
        return number(name).map(value -> value != 0).orElse(defaultValue);
    }

    /** A constant text, such as a layout; empty if it is not given. */
    public Optional<String> text(String name) {
        List<String> texts = constant(name, ArgumentValue::texts, List.<String>of());
        return texts.isEmpty() ? Optional.empty() : Optional.of(texts.getFirst());
    }

    /** The output type under the first of these names that is given; empty for none. */
    public Optional<ElementType> type(String... names) {
        Optional<ElementType> found = Optional.empty();
        for (String name : names) {
            long id = integer(name, -1);
            if (id >= 0 && found.isEmpty()) {
                found = Optional.of(ElementType.ofId(id));
            }
        }
        return found;
    }

    /**
     * Fails unless the file gives the argument.
     *
     * @throws DaliException naming it
     */
    public void require(String name) {
        if (!has(name)) {
            throw new DaliException(
                    "Not all required arguments were specified for op '"
                            + schema
                            + "'. Please specify values for the following arguments: '"
                            + name
                            + "'");
        }
    }

    /** Names of given arguments that nobody asked for and that do mean something, sorted. */
    public Set<String> unknown() {
        Set<String> unknown = new TreeSet<>(constants.keySet());
        unknown.addAll(argumentInputs);
        unknown.removeAll(known);
        unknown.removeIf(OperatorSpec::hasNoMeaning);
        return unknown;
    }

    private Optional<Double> number(String name) {
        double[] values = constant(name, ArgumentValue::numbers, new double[0]);
        return values.length == 0 ? Optional.empty() : Optional.of(values[0]);
    }

    private <T> T constant(String name, Function<ArgumentValue, T> part, T otherwise) {
        known.add(name);
        ArgumentValue value = constants.get(name);
        return value == null ? otherwise : part.apply(value);
    }

    private static boolean hasNoMeaning(String name) {
        return WITHOUT_MEANING.contains(name)
                || name.startsWith("_")
                || name.startsWith("cache_")
                || name.startsWith("preallocate_")
                || name.contains("_memory_padding");
    }
}
