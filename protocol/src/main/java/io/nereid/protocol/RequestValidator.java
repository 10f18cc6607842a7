package io.nereid.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Normalises a request and checks it against a model's configuration, before any queue (validation
 * sections 5 to 13). The first rule that is broken decides; texts are part of the protocol.
 *
 * <p>Inputs are walked backwards where the reference walks a hash table. Immutable; may be used
 * from any thread.
 */
public final class RequestValidator {
    private static final ValueLayout.OfInt LENGTH =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String BATCH_NOTE =
            "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension"
                    + " to be prepended to each input shape. If you want to specify the full shape"
                    + " including the batch dim in your input dims config, try setting"
                    + " max_batch_size to zero. See the model configuration docs for more info on"
                    + " max_batch_size.";

    private final ModelConfig config;
    private final int required;
    private final Optional<CorrelationIdRule> correlationIds;

    RequestValidator(ModelConfig config) {
        this.config = config;
        this.correlationIds = CorrelationIdRule.of(config.message());
        this.required =
                (int) config.inputs().values().stream().filter(spec -> !spec.optional()).count();
    }

    /**
     * Checks a request and fills in what follows from the configuration: batch size, inputs in the
     * model's shapes, and all outputs if none was asked for.
     *
     * @param request stays the caller's, also after a failure
     * @throws StatusException INVALID_ARG with the text for the client
     */
    public void validate(InferenceRequest request) {
        checkOutputs(request);
        List<Tensor> inputs = List.copyOf(request.inputs());
        checkInputCount(request, inputs);
        long batchSize = batchSize(request, inputs.reversed());
        List<Tensor> normalised = new ArrayList<>(inputs.size());
        for (Tensor input : inputs.reversed()) {
            normalised.add(normalise(request, input, batchSize));
        }
        checkRequiredInputs(request, inputs);
        checkNotEmpty(request, inputs, batchSize);
        correlationIds.ifPresent(rule -> rule.check(request, model()));
        request.validated(
                (int) batchSize,
                normalised,
                request.requestedOutputs().isEmpty() ? config.outputs().keySet() : List.of());
    }

    private void checkOutputs(InferenceRequest request) {
        for (String name : new TreeSet<>(request.requestedOutputs())) {
            if (config.output(name).isEmpty()) {
                throw StatusException.invalidArgument(
                        "unexpected inference output '" + name + "' for model '" + model() + "'");
            }
        }
    }

    private void checkInputCount(InferenceRequest request, List<Tensor> inputs) {
        int all = config.inputs().size();
        if (inputs.size() <= all && inputs.size() >= required) {
            return;
        }
        throw StatusException.invalidArgument(wrongInputs(request, inputs));
    }

    /** The count may be right although an optional input stands in for a required one. */
    private void checkRequiredInputs(InferenceRequest request, List<Tensor> inputs) {
        for (TensorSpec spec : config.inputs().values()) {
            if (!spec.optional() && request.input(spec.name()).isEmpty()) {
                throw StatusException.invalidArgument(wrongInputs(request, inputs));
            }
        }
    }

    /**
     * An empty batch mostly fails the byte-size check before, but not where variable dimensions
     * make its items empty too. No scheduler shall ever see one.
     */
    private void checkNotEmpty(InferenceRequest request, List<Tensor> inputs, long batchSize) {
        if (config.batches() && batchSize == 0 && !inputs.isEmpty()) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "inference request batch-size must be > 0 for '"
                            + model()
                            + "'");
        }
    }

    private String wrongInputs(InferenceRequest request, List<Tensor> inputs) {
        int all = config.inputs().size();
        String expected =
                required == all
                        ? "expected " + all + " inputs"
                        : "expected number of inputs between " + required + " and " + all;
        List<String> missing =
                config.inputs().values().stream()
                        .filter(spec -> !spec.optional() && request.input(spec.name()).isEmpty())
                        .map(TensorSpec::name)
                        .toList();
        return request.idPrefix()
                + expected
                + " but got "
                + inputs.size()
                + " inputs for model '"
                + model()
                + "'. Got input(s) "
                + quoted(inputs.reversed().stream().map(Tensor::name).toList())
                + ", but missing required input(s) "
                + (missing.isEmpty() ? "]" : quoted(missing))
                + ". Please provide all required input(s).";
    }

    private static String quoted(Collection<String> names) {
        return names.stream()
                .map(name -> "'" + name + "'")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private long batchSize(InferenceRequest request, List<Tensor> inputs) {
        long batchSize = 0;
        for (Tensor input : inputs) {
            if (config.input(input.name()).isEmpty()) {
                throw StatusException.invalidArgument(
                        "unexpected inference input '"
                                + input.name()
                                + "' for model '"
                                + model()
                                + "'");
            }
            if (config.batches()) {
                batchSize = sameBatchSize(request, input, batchSize);
            }
        }
        // -1 is read as an unsigned number by the reference and so is too large.
        if (batchSize > config.maxBatchSize() || batchSize < 0) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "inference request batch-size must be <= "
                            + config.maxBatchSize()
                            + " for '"
                            + model()
                            + "'");
        }
        return batchSize;
    }

    private long sameBatchSize(InferenceRequest request, Tensor input, long soFar) {
        if (input.shape().rank() == 0) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "input '"
                            + input.name()
                            + "' has no shape but model requires batch dimension for '"
                            + model()
                            + "'");
        }
        long batchSize = input.shape().dim(0);
        if (soFar != 0 && batchSize != soFar) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "input '"
                            + input.name()
                            + "' batch size does not match other inputs for '"
                            + model()
                            + "'");
        }
        return batchSize;
    }

    private Tensor normalise(InferenceRequest request, Tensor input, long batchSize) {
        TensorSpec spec = config.input(input.name()).orElseThrow();
        checkType(request, input, spec);
        Shape item = config.batches() ? input.shape().withoutLeading() : input.shape();
        checkShape(request, input, spec, item);
        Shape modelItem =
                spec.reshape().map(reshape -> reshape.fillFrom(spec.dims(), item)).orElse(item);
        Shape modelShape = config.batches() ? modelItem.withLeading(batchSize) : modelItem;
        // An empty batch is compared as if it were one item, so that it is refused (section 7).
        Shape counted = batchSize == 0 ? modelItem : modelShape;
        if (input.type() == DataType.BYTES) {
            checkBytes(request, input, counted);
        } else {
            checkByteSize(request, input, counted);
        }
        return input.withShape(modelShape);
    }

    private void checkType(InferenceRequest request, Tensor input, TensorSpec spec) {
        if (input.type() != spec.type()) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "inference input '"
                            + input.name()
                            + "' data-type is '"
                            + input.type().wireName()
                            + "', but model '"
                            + model()
                            + "' expects '"
                            + spec.type().wireName()
                            + "'");
        }
    }

    private void checkShape(InferenceRequest request, Tensor input, TensorSpec spec, Shape item) {
        boolean matches = item.rank() == spec.dims().rank();
        for (int i = 0; matches && i < item.rank(); i++) {
            if (item.dim(i) == Shape.ANY) {
                throw StatusException.invalidArgument(
                        request.idPrefix()
                                + "All input dimensions should be specified for input '"
                                + input.name()
                                + "' for model '"
                                + model()
                                + "', got "
                                + input.shape());
            }
            long wanted = spec.dims().dim(i);
            matches = wanted == Shape.ANY || wanted == item.dim(i);
        }
        if (!matches) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "unexpected shape for input '"
                            + input.name()
                            + "' for model '"
                            + model()
                            + "'. Expected "
                            + config.apiShape(spec)
                            + ", got "
                            + input.shape()
                            + ". "
                            + (config.batches() ? BATCH_NOTE : ""));
        }
    }

    private void checkByteSize(InferenceRequest request, Tensor input, Shape shape) {
        String tooLarge = "byte size for tensor '" + input.name() + "' exceeds maximum size of ";
        long expected = shape.rank() == 0 ? 0 : 1;
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) < 0) {
                throw StatusException.invalidArgument(
                        "tensor '" + input.name() + "' contains an invalid dimension " + shape);
            }
            expected = multiply(expected, shape.dim(i), tooLarge);
        }
        expected = multiply(expected, input.type().byteSize(), tooLarge);
        if (expected != input.buffer().byteSize()) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "input byte size mismatch for input '"
                            + input.name()
                            + "' for model '"
                            + model()
                            + "'. Expected "
                            + expected
                            + ", got "
                            + input.buffer().byteSize());
        }
    }

    private void checkBytes(InferenceRequest request, Tensor input, Shape shape) {
        long expected = shape.rank() == 0 ? 0 : 1;
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) < 0) {
                throw StatusException.invalidArgument(
                        "tensor '"
                                + input.name()
                                + "' contains an invalid dimension in shape "
                                + shape);
            }
            expected =
                    multiply(
                            expected,
                            shape.dim(i),
                            "element count for tensor '"
                                    + input.name()
                                    + "' exceeds maximum size of ");
        }
        walkBytes(request, input, expected);
    }

    /** The end of the last element decides whether the data was cut off. */
    private void walkBytes(InferenceRequest request, Tensor input, long expected) {
        MemorySegment bytes = input.buffer().segment();
        long end = bytes.byteSize();
        long offset = 0;
        long found = 0;
        long length = 0;
        while (offset < end) {
            if (end - offset < Integer.BYTES) {
                throw incompleteLength(request, input, end - offset);
            }
            if (found == expected) {
                throw tooManyElements(request, input, expected);
            }
            length = Integer.toUnsignedLong(bytes.get(LENGTH, offset));
            offset += Integer.BYTES + length;
            found++;
        }
        if (found < expected) {
            throw tooFewElements(request, input, expected, found);
        }
        if (offset > end) {
            throw incompleteElement(input, length, length - (offset - end));
        }
    }

    private StatusException incompleteLength(InferenceRequest request, Tensor input, long left) {
        return StatusException.invalidArgument(
                request.idPrefix()
                        + "incomplete string length indicator for "
                        + inferenceInput(input)
                        + ", expecting 4 bytes but only "
                        + left
                        + " bytes available. Please make sure the string length indicator is in one"
                        + " buffer.");
    }

    private StatusException tooManyElements(InferenceRequest request, Tensor input, long expected) {
        return StatusException.invalidArgument(
                request.idPrefix()
                        + "unexpected number of string elements "
                        + (expected + 1)
                        + " for "
                        + inferenceInput(input)
                        + ", expecting "
                        + expected);
    }

    private StatusException tooFewElements(
            InferenceRequest request, Tensor input, long expected, long found) {
        return StatusException.invalidArgument(
                request.idPrefix()
                        + "expected "
                        + expected
                        + " string elements for "
                        + inferenceInput(input)
                        + ", got "
                        + found);
    }

    private static StatusException incompleteElement(Tensor input, long length, long available) {
        return StatusException.invalidArgument(
                "incomplete string data for inference input '"
                        + input.name()
                        + "', expecting string of length "
                        + length
                        + " but only "
                        + available
                        + " bytes available");
    }

    private String inferenceInput(Tensor input) {
        return "inference input '" + input.name() + "' for model '" + model() + "'";
    }

    private static long multiply(long product, long dim, String failure) {
        try {
            return Math.multiplyExact(product, dim);
        } catch (ArithmeticException e) {
            throw new StatusException(StatusCode.INVALID_ARG, failure + Long.MAX_VALUE, e);
        }
    }

    private String model() {
        return config.name();
    }
}
