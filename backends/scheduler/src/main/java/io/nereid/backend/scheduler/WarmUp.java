package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.scheduler.data.DataDirectory;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto.ModelWarmup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The samples that every instance of a model executes before it gets requests (repository section
 * 19). Immutable; used by several instances' threads at a time. Tensors exist only while an
 * instance is warmed up.
 */
final class WarmUp {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private final ModelConfig config;
    private final WarmUpData data;
    private final LongSupplier nanoTime;

    /**
     * @param config the model's, which names the samples
     * @param files where data files lie
     * @param nanoTime clock in nanoseconds
     */
    WarmUp(ModelConfig config, DataDirectory files, LongSupplier nanoTime) {
        this.config = config;
        this.data = new WarmUpData(files);
        this.nanoTime = nanoTime;
    }

    /**
     * Executes all samples on an instance. Called on: the instance's thread.
     *
     * @param instance its name, for the log
     * @param execute executes requests together; each has been answered or failed then, or will be
     *     if the model is decoupled
     * @throws StatusException INVALID_ARG or INTERNAL with the texts of repository section 19
     */
    void run(String instance, Consumer<List<Batch.Item>> execute) {
        for (ModelWarmup sample : config.message().getModelWarmupList()) {
            if (sample.getBatchSize() > 0) {
                run(sample, instance, execute);
            }
        }
    }

    private void run(ModelWarmup sample, String instance, Consumer<List<Batch.Item>> execute) {
        List<Tensor> inputs = inputs(sample);
        try {
            for (int i = 0; i < Math.max(1, sample.getCount()); i++) {
                log.debug(
                        "model '{}' instance {} is running warmup sample '{}' for iteration {}",
                        config.name(),
                        instance,
                        sample.getName(),
                        i);
                execute(sample, inputs, execute);
            }
        } finally {
            inputs.forEach(input -> input.buffer().close());
        }
    }

    private @Owned List<Tensor> inputs(ModelWarmup sample) {
        List<Tensor> inputs = new ArrayList<>();
        boolean complete = false;
        try {
            Map<String, ModelWarmup.Input> sorted = new TreeMap<>(sample.getInputsMap());
            sorted.forEach((name, input) -> inputs.add(input(name, input)));
            complete = true;
        } finally {
            if (!complete) {
                inputs.forEach(input -> input.buffer().close());
            }
        }
        return inputs;
    }

    private @Owned Tensor input(String name, ModelWarmup.Input input) {
        Shape item = Shape.of(input.getDimsList());
        // What is no input of the model, such as a control of its sequences, has its own shape.
        boolean batches = config.batches() && config.input(name).isPresent();
        return new Tensor(
                name,
                DataType.ofConfig(input.getDataType()),
                batches ? item.withLeading(1) : item,
                data.open(name, input));
    }

    private void execute(
            ModelWarmup sample, List<Tensor> inputs, Consumer<List<Batch.Item>> execute) {
        int size = sample.getBatchSize();
        WarmUpAnswers answers = new WarmUpAnswers(size);
        execute.accept(requests(size, inputs, answers));
        List<String> errors = answers.await();
        if (!errors.isEmpty()) {
            throw StatusException.invalidArgument(
                    "failed to run warmup sample '"
                            + sample.getName()
                            + "': "
                            + String.join("; ", errors)
                            + "; ");
        }
    }

    /** As many requests as the batch has items, each of one item. */
    private @Owned List<Batch.Item> requests(int size, List<Tensor> inputs, WarmUpAnswers answers) {
        List<Batch.Item> items = new ArrayList<>();
        boolean complete = false;
        try {
            for (int i = 0; i < size; i++) {
                items.add(new Batch.Item(request(inputs), answers));
            }
            complete = true;
        } finally {
            if (!complete) {
                items.forEach(item -> item.request().close());
            }
        }
        return items;
    }

    private @Owned InferenceRequest request(List<Tensor> inputs) {
        InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
        boolean complete = false;
        try {
            inputs.stream()
                    .filter(input -> config.input(input.name()).isPresent())
                    .forEach(input -> request.addInput(input.retain()));
            config.validator().validate(request);
            inputs.stream()
                    .filter(input -> config.input(input.name()).isEmpty())
                    .forEach(input -> request.addInput(input.retain()));
            request.enqueued(nanoTime.getAsLong());
            complete = true;
        } finally {
            if (!complete) {
                request.close();
            }
        }
        return request;
    }
}
