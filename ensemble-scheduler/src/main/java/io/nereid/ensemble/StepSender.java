package io.nereid.ensemble;

import io.nereid.backend.EnsembleStep;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The way back from one step of a run. Called by the step's model, as any sender. */
final class StepSender implements ResponseSender {
    private final EnsembleRun run;
    private final Launch launch;
    private final InferenceRequest request;
    private final long batchSize;
    private final SequenceMark mark;
    private final long startNanos;
    private String nested = "";

    /**
     * @param request the step's, validated
     * @param mark its place in a sequence
     * @param startNanos when it is handed to its model
     */
    StepSender(
            EnsembleRun run,
            Launch launch,
            InferenceRequest request,
            SequenceMark mark,
            long startNanos) {
        this.run = run;
        this.launch = launch;
        this.request = request;
        this.batchSize = request.batchSize();
        this.mark = mark;
        this.startNanos = startNanos;
    }

    Launch launch() {
        return launch;
    }

    InferenceRequest request() {
        return request;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        try {
            run.answered(this, response);
        } finally {
            response.close();
        }
        if (last) {
            run.ended(this);
        } else {
            run.goOn();
        }
    }

    @Override
    public void complete() {
        run.ended(this);
    }

    @Override
    public void fail(StatusException status) {
        run.failed(this, status);
    }

    /**
     * The tensors of the ensemble that a response brings, by their names, borrowed.
     *
     * @throws StatusException INVALID_ARG if it says wrong things of its sequence
     */
    Map<String, RunTensor> outputs(InferenceResponse response) {
        SequenceMark changed = mark.changedBy(response.parameters());
        Map<String, RunTensor> outputs = new LinkedHashMap<>();
        for (Tensor output : response.outputs()) {
            String name = launch.step().outputs().get(output.name());
            if (name != null) {
                outputs.put(name, new RunTensor(output, batchSize, changed));
            }
        }
        return outputs;
    }

    /** Keeps what a step that is an ensemble says of its own steps. */
    void keepNested(InferenceResponse response) {
        if (response.parameters().get(RunTimings.PARAMETER)
                instanceof Parameter.StringValue(String text)) {
            nested = text;
        }
    }

    /** What the step took until now. */
    StepTiming timing(EnsembleStep step, long now) {
        long waited = startNanos - launch.readyNanos();
        return new StepTiming(
                step,
                launch.readyNanos(),
                waited + request.queueNanos(),
                request.compute(),
                now - launch.readyNanos(),
                nested);
    }
}
