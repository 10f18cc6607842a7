package io.nereid.backend.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.backend.Batch;
import io.nereid.backend.ExecutionListener;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class BatchIoTest {
    private static final String MODEL =
            """
            name: "m" backend: "any" max_batch_size: 8
            version_policy { latest { num_versions: 1 } }
            input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] %s }
            output { name: "y" data_type: TYPE_FP32 dims: [ -1 ] }
            output { name: "z" data_type: TYPE_FP32 dims: [ -1 ] }
            """;

    @RegisterExtension private final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @Test
    void asksForWhatAnyRequestAsksForByName() throws Exception {
        ModelConfig config = config("");
        List<InferenceRequest> requests = List.of(request(config, 1, 2), request(config, 1, 2));
        requests.getFirst().addRequestedOutput("z");
        requests.forEach(config.validator()::validate);
        WantedOutputs outputs = new WantedOutputs();
        assertThat(outputs.of(batch(config, requests))).containsExactly("y", "z");
        assertThat(outputs.of(batch(config, requests.subList(0, 1)))).containsExactly("z");
        assertThat(outputs.of(batch(config, requests.subList(1, 2)))).containsExactly("y", "z");
        assertThat(outputs.of(batch(config, requests))).containsExactly("y", "z");
        requests.forEach(InferenceRequest::close);
    }

    @Test
    void joinsRaggedInputsAndComputesWhereTheirPartsAre() throws Exception {
        ModelConfig config =
                config(
                        "allow_ragged_batch: true",
                        batchInput("BATCH_ELEMENT_COUNT", "count", "TYPE_INT32"),
                        batchInput("BATCH_ACCUMULATED_ELEMENT_COUNT", "end", "TYPE_FP32"),
                        batchInput(
                                "BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO", "all", "TYPE_INT32"),
                        batchInput("BATCH_MAX_ELEMENT_COUNT_AS_SHAPE", "max", "TYPE_INT32"),
                        batchInput("BATCH_ITEM_SHAPE", "shape", "TYPE_INT32"),
                        batchInput("BATCH_ITEM_SHAPE_FLATTEN", "flat", "TYPE_INT32"));
        List<InferenceRequest> requests =
                List.of(request(config, 1, 3), request(config, 2, 4), request(config, 1, 5));
        requests.forEach(config.validator()::validate);
        try (BatchIo io = BatchIo.open(batch(config, requests), allocator)) {
            assertThat(io.inputs())
                    .extracting(Tensor::name)
                    .containsExactly("x", "count", "end", "all", "max", "shape", "flat");
            assertThat(io.inputs().getFirst().shape()).isEqualTo(Shape.of(16));
            assertThat(io.inputs().getFirst().buffer().byteSize()).isEqualTo(64);
            assertThat(ints(io, 1)).containsExactly(3, 8, 5);
            assertThat(io.inputs().get(2).buffer().segment().toArray(ValueLayout.JAVA_FLOAT))
                    .containsExactly(3, 11, 16);
            assertThat(ints(io, 3)).containsExactly(0, 3, 11, 16);
            assertThat(io.inputs().get(4).shape()).isEqualTo(Shape.of(8));
            assertThat(ints(io, 5)).containsExactly(3, 4, 4, 5);
            assertThat(io.inputs().get(5).shape()).isEqualTo(Shape.of(4, 1));
            assertThat(io.inputs().get(6).shape()).isEqualTo(Shape.of(4));
        }
        requests.forEach(InferenceRequest::close);
    }

    @Test
    void flattensARaggedInputThatIsAloneWithoutACopy() throws Exception {
        ModelConfig config = config("allow_ragged_batch: true");
        InferenceRequest request = request(config, 2, 3);
        config.validator().validate(request);
        try (BatchIo io = BatchIo.open(batch(config, List.of(request)), allocator)) {
            assertThat(io.inputs().getFirst().shape()).isEqualTo(Shape.of(6));
            assertThat(allocator.openBlocks()).isEqualTo(1);
        }
        request.close();
    }

    @Test
    void givesBackWhatItHasWhenAnInputCannotBeJoined() throws Exception {
        ModelConfig config = config("");
        List<InferenceRequest> requests = List.of(request(config, 1, 2), request(config, 1, 3));
        requests.forEach(config.validator()::validate);
        assertThatThrownBy(() -> BatchIo.open(batch(config, requests), allocator))
                .isInstanceOf(StatusException.class);
        requests.forEach(InferenceRequest::close);
    }

    @Test
    void namesWhatIsMissingOrDoesNotFit() throws Exception {
        ModelConfig config = config("");
        InferenceRequest request = request(config, 1, 2);
        config.validator().validate(request);
        try (BatchIo io = BatchIo.open(batch(config, List.of(request)), allocator)) {
            assertThatThrownBy(() -> io.require("m", Set.of("w")))
                    .hasMessage("input 'w' of model 'm' has no value");
            ModelTensor declared =
                    new ModelTensor("x", DataType.FP32, Optional.of(Shape.of(-1, 5)));
            Tensor input = io.inputs().getFirst();
            assertThatThrownBy(() -> BatchIo.requireShape("m", input, declared))
                    .hasMessage("input 'x' of model 'm' has shape [1,2], the model expects [-1,5]");
        }
        request.close();
    }

    private static int[] ints(BatchIo io, int index) {
        return io.inputs().get(index).buffer().segment().toArray(ValueLayout.JAVA_INT);
    }

    private static String batchInput(String kind, String target, String type) {
        return "batch_input { kind: %s target_name: \"%s\" data_type: %s source_input: \"x\" }"
                .formatted(kind, target, type);
    }

    private static ModelConfig config(String input, String... more) throws Exception {
        ModelConfigProto.ModelConfig.Builder builder = ModelConfigProto.ModelConfig.newBuilder();
        TextFormat.merge(MODEL.replace("%s", input) + String.join("\n", more), builder);
        return ModelConfig.of(builder.build());
    }

    private InferenceRequest request(ModelConfig config, int rows, int columns) {
        InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
        request.addInput(allocator.fp32("x", Shape.of(rows, columns), new float[rows * columns]));
        return request;
    }

    private static Batch batch(ModelConfig config, List<InferenceRequest> requests) {
        List<Batch.Item> items = new ArrayList<>();
        requests.forEach(request -> items.add(new Batch.Item(request, new RecordingSender())));
        return new Batch(config, 1, items, ExecutionListener.NONE, System::nanoTime);
    }
}
