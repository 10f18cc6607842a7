package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.Parallel;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.proto.Argument;
import io.nereid.backend.dali.proto.InputOutput;
import io.nereid.backend.dali.proto.OpDef;
import io.nereid.backend.dali.proto.PipelineDef;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;

/** Writes small pipelines for tests: inputs, one or more operators, the outputs of the last. */
final class PipelineText {
    private final PipelineDef.Builder definition =
            PipelineDef.newBuilder().setBatchSize(4).setNumThreads(1);
    private String last = "";

    static PipelineText withInput(String... names) {
        PipelineText text = new PipelineText();
        for (String name : names) {
            text.op("ExternalSource", name, "").out(name);
        }
        return text;
    }

    /** An operator whose positional inputs are separated by blanks. */
    PipelineText op(String schema, String instance, String inputs) {
        OpDef.Builder op = definition.addOpBuilder().setName(schema).setInstName(instance);
        for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ", -1)) {
            op.addInput(tensor(input));
        }
        return this;
    }

    /** A tensor that the last operator makes. */
    PipelineText out(String tensor) {
        lastOp().addOutput(tensor(tensor));
        last = tensor;
        return this;
    }

    PipelineText argumentInput(String argument, String tensor) {
        lastOp().addInput(tensor(tensor).setIsArgumentInput(true).setArgName(argument));
        return this;
    }

    PipelineText arg(String name, String value) {
        lastOp().addArgs(element(name).setType("string").addStrings(value));
        return this;
    }

    PipelineText arg(String name, long value) {
        lastOp().addArgs(element(name).setType("int64").addInts(value));
        return this;
    }

    PipelineText arg(String name, boolean value) {
        lastOp().addArgs(element(name).setType("bool").addBools(value));
        return this;
    }

    PipelineText arg(String name, float value) {
        lastOp().addArgs(element(name).setType("float").addFloats(value));
        return this;
    }

    PipelineText ints(String name, long... values) {
        Argument.Builder list = element(name).setType("int64").setIsVector(true);
        for (int i = 0; i < values.length; i++) {
            list.addExtraArgs(element("element " + i).setType("int64").addInts(values[i]));
        }
        lastOp().addArgs(list);
        return this;
    }

    PipelineText floats(String name, float... values) {
        Argument.Builder list = element(name).setType("float").setIsVector(true);
        for (int i = 0; i < values.length; i++) {
            list.addExtraArgs(element("element " + i).setType("float").addFloats(values[i]));
        }
        lastOp().addArgs(list);
        return this;
    }

    PipelineText output(String tensor) {
        definition.addPipeOutputs(tensor(tensor));
        return this;
    }

    PipelineDef.Builder definition() {
        return definition;
    }

    byte[] bytes() {
        PipelineDef.Builder whole = definition.clone();
        if (whole.getPipeOutputsCount() == 0) {
            whole.addPipeOutputs(tensor(last));
        }
        return whole.build().toByteArray();
    }

    Pipeline read() throws PipelineException {
        return Pipelines.reader().read(bytes());
    }

    /** Runs one sample and returns its only output. */
    Sample run(Sample... inputs) throws PipelineException {
        return switch (result(inputs)) {
            case SampleResult.Done(List<Sample> outputs) -> outputs.getFirst();
            case SampleResult.Failed(String text) -> throw new AssertionError(text);
        };
    }

    /** Runs one sample and returns its error text. */
    String failure(Sample... inputs) throws PipelineException {
        return switch (result(inputs)) {
            case SampleResult.Done(List<Sample> outputs) ->
                    throw new AssertionError("no failure but " + outputs);
            case SampleResult.Failed(String text) -> text;
        };
    }

    private SampleResult result(Sample... inputs) throws PipelineException {
        return read().run(List.of(Arrays.asList(inputs)), Parallel.SEQUENTIAL).getFirst();
    }

    private OpDef.Builder lastOp() {
        return definition.getOpBuilder(definition.getOpCount() - 1);
    }

    private static Argument.Builder element(String name) {
        return Argument.newBuilder().setName(name).setIsVector(false);
    }

    private static InputOutput.Builder tensor(String name) {
        return InputOutput.newBuilder().setName(name).setDevice("cpu").setIsArgumentInput(false);
    }
}
