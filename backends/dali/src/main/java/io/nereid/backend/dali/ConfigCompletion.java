package io.nereid.backend.dali;

import io.nereid.backend.ModelFiles;
import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.pipeline.OutputPort;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig.SchedulingChoiceCase;
import io.nereid.protocol.proto.ModelConfigProto.ModelDynamicBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import io.nereid.protocol.proto.ModelConfigProto.ModelTensorReshape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Fills in what a configuration leaves open (DALI section 4.3). */
final class ConfigCompletion {
    private static final Pattern COMMENT = Pattern.compile("#[^\\n]*");
    private static final Pattern MAX_BATCH_SIZE = Pattern.compile("\\bmax_batch_size\\s*:");

    private final Pipeline pipeline;
    private final boolean batched;
    private final ModelConfig.Builder config;

    private ConfigCompletion(Pipeline pipeline, boolean batched, ModelConfig.Builder config) {
        this.pipeline = pipeline;
        this.batched = batched;
        this.config = config;
    }

    static ModelConfig complete(ModelConfig config, ModelFiles files, Pipeline pipeline) {
        int maxBatchSize = config.getMaxBatchSize();
        if (maxBatchSize < 0 || (maxBatchSize == 0 && !namesMaxBatchSize(files))) {
            maxBatchSize = Math.max(0, pipeline.maxBatchSize());
        }
        ModelConfig.Builder builder = config.toBuilder().setMaxBatchSize(maxBatchSize);
        ConfigCompletion completion = new ConfigCompletion(pipeline, maxBatchSize > 0, builder);
        completion.inputs();
        completion.outputs();
        if (maxBatchSize > 0
                && config.getSchedulingChoiceCase()
                        == SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET) {
            builder.setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
        }
        return builder.build();
    }

    /** Whether the file says 0 or nothing at all: the message cannot tell. */
    private static boolean namesMaxBatchSize(ModelFiles files) {
        Path file = files.modelDirectory().resolve("config.pbtxt");
        try {
            String text = COMMENT.matcher(Files.readString(file)).replaceAll("");
            return MAX_BATCH_SIZE.matcher(text).find();
        } catch (IOException e) {
            return false;
        }
    }

    private void inputs() {
        List<InputPort> ports = new ArrayList<>(pipeline.inputs());
        ports.sort(Comparator.comparing(InputPort::name));
        for (InputPort port : ports) {
            int index = inputIndex(port.name());
            ModelInput.Builder input =
                    index < 0
                            ? config.addInputBuilder().setName(port.name())
                            : config.getInputBuilder(index);
            if (input.getDataTypeValue() == 0) {
                port.type().ifPresent(type -> input.setDataType(type.dataType().configType()));
            }
            List<Long> dims = dims(port.rank());
            if (input.getDimsCount() == 0 && !dims.isEmpty()) {
                input.addAllDims(dims);
            } else if (input.getDimsCount() == 0 && batched && isScalar(port.rank())) {
                input.addDims(1).setReshape(ModelTensorReshape.getDefaultInstance());
            }
        }
        for (ModelInput.Builder input : config.getInputBuilderList()) {
            input.setAllowRaggedBatch(true);
        }
    }

    private int inputIndex(String name) {
        for (int i = 0; i < config.getInputCount(); i++) {
            if (config.getInput(i).getName().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private void outputs() {
        List<OutputPort> ports = pipeline.outputs();
        for (int i = 0; i < ports.size(); i++) {
            OutputPort port = ports.get(i);
            ModelOutput.Builder output =
                    i < config.getOutputCount()
                            ? config.getOutputBuilder(i)
                            : config.addOutputBuilder().setName(port.name());
            Optional<ElementType> type = port.type();
            if (output.getDataTypeValue() == 0 && type.isPresent()) {
                output.setDataType(type.get().dataType().configType());
            }
            List<Long> dims = dims(port.rank());
            if (output.getDimsCount() == 0 && !dims.isEmpty()) {
                output.addAllDims(dims);
            } else if (output.getDimsCount() == 0 && batched && isScalar(port.rank())) {
                output.addDims(1).setReshape(ModelTensorReshape.getDefaultInstance());
            }
        }
    }

    private static boolean isScalar(OptionalInt rank) {
        return rank.isPresent() && rank.getAsInt() == 0;
    }

    /** Variable extents; without a batch dimension the number of samples comes first. */
    private List<Long> dims(OptionalInt rank) {
        List<Long> dims = new ArrayList<>();
        if (rank.isPresent()) {
            int count = rank.getAsInt() + (batched ? 0 : 1);
            for (int i = 0; i < count; i++) {
                dims.add(Shape.ANY);
            }
        }
        return dims;
    }
}
