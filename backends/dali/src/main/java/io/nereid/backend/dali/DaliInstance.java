package io.nereid.backend.dali;

import io.nereid.backend.Batch;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.dali.pipeline.Parallel;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One executor of a pipeline. The requests of a batch run together, sample by sample; a request
 * whose sample fails is answered with the failure, the others are not touched.
 */
final class DaliInstance implements ModelInstance {
    /** A request's place among the samples of a batch. */
    private record Part(int request, int firstSample, int samples) {}

    private final ModelConfig config;
    private final Pipeline pipeline;
    private final OutputBlocks blocks;
    private final RequestSamples samples;
    private final Parallel parallel;

    DaliInstance(ModelConfig config, Pipeline pipeline, OutputBlocks blocks, Parallel parallel) {
        this.config = config;
        this.pipeline = pipeline;
        this.blocks = blocks;
        this.samples = new RequestSamples(pipeline.inputs(), blocks.copies());
        this.parallel = parallel;
    }

    @Override
    public void execute(Batch batch) {
        if (config.batches()) {
            execute(batch, 0, batch.size());
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            execute(batch, i, i + 1);
        }
    }

    @Override
    public void close() {}

    private void execute(Batch batch, int from, int to) {
        List<Part> parts = new ArrayList<>(to - from);
        List<List<Sample>> inputs = new ArrayList<>();
        for (int i = from; i < to; i++) {
            try {
                checkOutputs(batch.request(i));
                List<List<Sample>> taken = samples.of(batch.request(i));
                parts.add(new Part(i, inputs.size(), taken.size()));
                inputs.addAll(taken);
            } catch (StatusException e) {
                batch.fail(i, e);
            } catch (DaliException e) {
                batch.fail(i, daliError(e.text()));
            }
        }
        batch.inputsReady();
        List<SampleResult> results = pipeline.run(inputs, parallel);
        batch.outputsReady();
        for (Part part : parts) {
            int end = part.firstSample() + part.samples();
            answer(batch, part.request(), results.subList(part.firstSample(), end));
        }
    }

    private void answer(Batch batch, int request, List<SampleResult> results) {
        List<SampleResult.Done> done = new ArrayList<>(results.size());
        for (SampleResult result : results) {
            switch (result) {
                case SampleResult.Done finished -> done.add(finished);
                case SampleResult.Failed(String text) -> {
                    batch.fail(request, daliError(text));
                    return;
                }
            }
        }
        List<Tensor> outputs;
        try {
            outputs = blocks.of(done);
        } catch (StatusException e) {
            batch.fail(request, e);
            return;
        }
        batch.respond(request, outputs, Map.of(), true);
    }

    private void checkOutputs(InferenceRequest request) {
        int wanted = request.requestedOutputs().size();
        if (wanted != blocks.count()) {
            throw RequestSamples.error(
                    "Number of outputs expected by the requests ("
                            + wanted
                            + ") does not match the number of outputs from DALI pipeline ("
                            + blocks.count()
                            + ").");
        }
    }

    private static StatusException daliError(String text) {
        return RequestSamples.error("DALI error: " + text);
    }
}
