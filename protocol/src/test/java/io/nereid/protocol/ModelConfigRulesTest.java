package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigRulesTest {
    private static final String MODEL =
            "name: 'm' backend: 'b' version_policy { latest { num_versions: 1 } }"
                    + " max_batch_size: 8 ";
    private static final String ENSEMBLE =
            "name: 'm' platform: 'ensemble' version_policy { all {} } max_batch_size: 8 ";
    private static final String CONTROL = MODEL + "sequence_batching { control_input { ";
    private static final String START = "control { kind: CONTROL_SEQUENCE_START ";
    private static final String CORRID = "control { kind: CONTROL_SEQUENCE_CORRID ";
    private static final String IO =
            MODEL
                    + "input { name: 'x' data_type: TYPE_FP32 dims: 3 }"
                    + " output { name: 'y' data_type: TYPE_FP32 dims: 3 } ";
    private static final String STATE =
            MODEL
                    + "sequence_batching { state { input_name: 's' data_type: TYPE_INT32 dims: [ 2,"
                    + " -1 ] ";

    private static ModelConfigProto.ModelConfig config(String text) {
        try {
            return TextFormat.parse(text, ModelConfigProto.ModelConfig.class);
        } catch (TextFormat.ParseException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    static Stream<Arguments> brokenStructures() {
        return Stream.of(
                arguments("", "name", "model configuration must specify 'name'"),
                arguments("name: 'm'", "platform", "unexpected platform type '' for m"),
                arguments(
                        "name: 'm' platform: 'p'",
                        "platform",
                        "unexpected platform type 'p' for m"),
                arguments(
                        "name: 'm' platform: 'ensemble' backend: 'b'",
                        "backend",
                        "Ensemble model 'm' must have platform type 'ensemble' and empty backend"
                                + " type"),
                arguments(
                        "name: 'm' platform: 'tensorrt_plan' backend: 'onnxruntime'",
                        "platform",
                        "unexpected 'platform' and 'backend' pair, got:tensorrt_plan,"
                                + " onnxruntime"),
                arguments(
                        "name: 'm' platform: 'libtorch' backend: 'pytorch'",
                        "platform",
                        "unexpected 'platform' and 'backend' pair, got:libtorch, pytorch"),
                arguments(
                        "name: 'm' backend: 'tensorflow'",
                        "platform",
                        "unexpected 'platform' and 'backend' pair, got:, tensorflow"),
                arguments(
                        "name: 'm' backend: 'b' max_batch_size: -1",
                        "max_batch_size",
                        "'max_batch_size' must be non-negative value for m"),
                arguments(
                        "name: 'm' backend: 'b'",
                        "version_policy",
                        "must specify 'version policy' for m"),
                arguments(
                        MODEL
                                + "model_transaction_policy { decoupled: true } response_cache {"
                                + " enable: true }",
                        "response_cache",
                        "Response Cache does not currently support model m with 'decoupled'"
                                + " transaction policy. Please disable the response cache."),
                arguments(
                        MODEL + "model_metrics { metric_control { } }",
                        "model_metrics.metric_control[0]",
                        "metric control must specify 'metric_identifier'"),
                arguments(
                        MODEL + "model_metrics { metric_control { metric_identifier { } } }",
                        "model_metrics.metric_control[0].metric_identifier",
                        "metric identifier must specify non-empty 'family'"),
                arguments(
                        MODEL
                                + "model_metrics { metric_control { metric_identifier { family: 'f'"
                                + " } } }",
                        "model_metrics.metric_control[0]",
                        "metric control must specify 'histogram_options'"),
                arguments(
                        MODEL
                                + "model_metrics { metric_control { metric_identifier { family: 'f'"
                                + " } histogram_options { } } }",
                        "model_metrics.metric_control[0].histogram_options",
                        "histogram options must specify non-empty 'buckets'"));
    }

    static Stream<Arguments> brokenBatching() {
        return Stream.of(
                arguments(
                        MODEL + "dynamic_batching { preferred_batch_size: [ 4, 0 ] }",
                        "dynamic_batching.preferred_batch_size[1]",
                        "dynamic batching preferred size must be positive for m"),
                arguments(
                        MODEL + "dynamic_batching { preferred_batch_size: 9 }",
                        "dynamic_batching.preferred_batch_size[0]",
                        "dynamic batching preferred size must be <= max batch size for m"),
                arguments(
                        MODEL + "dynamic_batching { priority_levels: 2 }",
                        "dynamic_batching.default_priority_level",
                        "default priority level must be in range [1, 2] for m"),
                arguments(
                        MODEL
                                + "dynamic_batching { priority_levels: 2 default_priority_level: 3"
                                + " }",
                        "dynamic_batching.default_priority_level",
                        "default priority level must be in range [1, 2] for m"),
                arguments(
                        MODEL + "dynamic_batching { priority_levels: 18446744073709551615 }",
                        "dynamic_batching.default_priority_level",
                        "default priority level must be in range [1, 18446744073709551615] for m"),
                arguments(
                        MODEL
                                + "dynamic_batching { priority_levels: 2 default_priority_level: 1"
                                + " priority_queue_policy { key: 3 value { } } }",
                        "dynamic_batching.priority_queue_policy",
                        "priority queue policy must have priority level in range [1, 2] for m"),
                arguments(
                        MODEL
                                + "dynamic_batching { priority_levels: 2 default_priority_level: 1"
                                + " preserve_ordering: true }",
                        "dynamic_batching.priority_levels",
                        "Only one priority level is allowed when 'preserve_ordering' is true for"
                                + " m"),
                arguments(
                        MODEL
                                + "dynamic_batching { preserve_ordering: true default_queue_policy"
                                + " { timeout_action: DELAY default_timeout_microseconds: 1 } }",
                        "dynamic_batching.default_queue_policy",
                        "Queue policy can not have DELAY as timeout action when"
                                + " 'preserve_ordering' is true for m"),
                arguments(
                        MODEL
                                + "dynamic_batching { preserve_ordering: true priority_levels: 1"
                                + " default_priority_level: 1 priority_queue_policy { key: 1 value"
                                + " { timeout_action: DELAY default_timeout_microseconds: 1 } } }",
                        "dynamic_batching.priority_queue_policy",
                        "Queue policy can not have DELAY as timeout action when"
                                + " 'preserve_ordering' is true for m"));
    }

    static Stream<Arguments> brokenSequences() {
        return Stream.of(
                arguments(
                        MODEL + "sequence_batching { } response_cache { enable: true }",
                        "response_cache",
                        "Response Cache does not currently support model m with sequence batching"
                                + " scheduler. Please disable the response cache."),
                arguments(
                        CONTROL + "} }",
                        "sequence_batching.control_input[0]",
                        "sequence batching control tensor must have a name for m"),
                arguments(
                        CONTROL + "name: 'a' } control_input { name: 'a' } }",
                        "sequence_batching.control_input[1].name",
                        "sequence batching control tensor 'a' is specified for multiple control"
                                + " kinds for m"),
                arguments(
                        CONTROL
                                + "name: 'a' "
                                + START
                                + "int32_false_true: [0,1] } "
                                + START
                                + "int32_false_true: [0,1] } } }",
                        "sequence_batching.control_input[0].control[1]",
                        "sequence batching specifies multiple CONTROL_SEQUENCE_START tensors for"
                                + " m"),
                arguments(
                        CONTROL + "name: 'a' " + START + "} } }",
                        "sequence_batching.control_input[0].control[0]",
                        "sequence batching must specify either 'int32_false_true',"
                                + " 'fp32_false_true' or 'bool_false_true' for"
                                + " CONTROL_SEQUENCE_START for m"),
                arguments(
                        CONTROL
                                + "name: 'a' "
                                + START
                                + "int32_false_true: [0,1] bool_false_true: [false,true] } } }",
                        "sequence_batching.control_input[0].control[0]",
                        "sequence batching specifies more than one from 'int32_false_true',"
                                + " 'fp32_false_true' and 'bool_false_true' for"
                                + " CONTROL_SEQUENCE_START for m"),
                arguments(
                        CONTROL + "name: 'a' " + START + "fp32_false_true: [0,1,2] } } }",
                        "sequence_batching.control_input[0].control[0].fp32_false_true",
                        "sequence batching control 'fp32_false_true' must have exactly 2 entries"
                                + " for CONTROL_SEQUENCE_START for m"),
                arguments(
                        CONTROL + "name: 'a' " + CORRID + "int32_false_true: [0,1] } } }",
                        "sequence_batching.control_input[0].control[0]",
                        "sequence batching must not specify either 'int32_false_true',"
                                + " 'fp32_false_true' or 'bool_false_true' for"
                                + " CONTROL_SEQUENCE_CORRID for m"),
                arguments(
                        CONTROL + "name: 'a' " + CORRID + "data_type: TYPE_FP32 } } }",
                        "sequence_batching.control_input[0].control[0].data_type",
                        "unexpected data type for control CONTROL_SEQUENCE_CORRID for m. Allowed"
                                + " data types are TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32"
                                + " and TYPE_STRING"),
                arguments(
                        MODEL + "sequence_batching { oldest { preferred_batch_size: -1 } }",
                        "sequence_batching.oldest.preferred_batch_size[0]",
                        "sequence batching preferred batch size must be positive for m"),
                arguments(
                        MODEL + "sequence_batching { oldest { preferred_batch_size: 9 } }",
                        "sequence_batching.oldest.preferred_batch_size[0]",
                        "sequence batching preferred batch size must be <= max batch size for m"),
                arguments(
                        MODEL + "sequence_batching { direct { minimum_slot_utilization: 1.5 } }",
                        "sequence_batching.direct.minimum_slot_utilization",
                        "sequence batching minimum slot utilization must be in range (0.0, 1.0]"
                                + " for m"),
                arguments(
                        MODEL + "sequence_batching { direct { minimum_slot_utilization: nan } }",
                        "sequence_batching.direct.minimum_slot_utilization",
                        "sequence batching minimum slot utilization must be in range (0.0, 1.0]"
                                + " for m"));
    }

    private static String ensemble(String io, String... steps) {
        StringBuilder text = new StringBuilder(ENSEMBLE).append(io);
        text.append(" ensemble_scheduling {");
        for (String step : steps) {
            text.append(" step { ").append(step).append(" }");
        }
        return text.append(" }").toString();
    }

    private static String io(String input, String output) {
        return "input { name: '%s' data_type: TYPE_FP32 dims: 1 } output { name: '%s' data_type:"
                        .formatted(input, output)
                + " TYPE_FP32 dims: 1 }";
    }

    private static String step(String from, String to) {
        return "model_name: 'a' input_map { key: 'i' value: '%s' } output_map { key: 'o' value: '%s' }"
                .formatted(from, to);
    }

    static Stream<Arguments> brokenEnsembles() {
        return Stream.of(
                arguments(
                        MODEL + "ensemble_scheduling { }",
                        "ensemble_scheduling",
                        "ensemble scheduling cannot be set for model 'm' whose platform is not"
                                + " ensemble"),
                arguments(
                        ENSEMBLE,
                        "platform",
                        "ensemble scheduling must be set for ensemble m whose platform is"
                                + " ensemble"),
                arguments(
                        ENSEMBLE + "ensemble_scheduling { } instance_group { }",
                        "instance_group",
                        "instance group should not be specified for ensemble 'm'"),
                arguments(
                        ENSEMBLE + "ensemble_scheduling { } optimization { }",
                        "optimization",
                        "optimization should not be specified for ensemble 'm'"),
                arguments(
                        ENSEMBLE + "ensemble_scheduling { } model_warmup { }",
                        "model_warmup",
                        "model_warmup can not be specified for ensemble 'm'"),
                arguments(
                        ENSEMBLE + "ensemble_scheduling { }",
                        "ensemble_scheduling",
                        "must specify 'step' for ensemble 'm'"),
                arguments(
                        ensemble(io("x", "y"), step("x", "y"), ""),
                        "ensemble_scheduling.step[1]",
                        "must specify 'model_name' in step 1 of ensemble 'm'"),
                arguments(
                        ensemble(io("x", "y"), "model_name: 'a'"),
                        "ensemble_scheduling.step[0]",
                        "must specify 'input_map' in step 0 of ensemble 'm'"),
                arguments(
                        ensemble(io("x", "y"), "model_name: 'a' input_map { key: 'i' value: 'x' }"),
                        "ensemble_scheduling.step[0]",
                        "must specify 'output_map' in step 0 of ensemble 'm'"),
                arguments(
                        ensemble(io("x", "y"), step("x", "y"), step("x", "y")),
                        "ensemble_scheduling.step[1].output_map[\"o\"]",
                        "ensemble tensor 'y' can appear in an output map only once for ensemble 'm'"
                                + " step 1"),
                arguments(
                        ensemble(io("x", "y"), step("z", "y")),
                        "input[0]",
                        "ensemble input 'x' for ensemble m' is not used"),
                arguments(
                        ensemble(io("x", "y"), step("x", "z")),
                        "output[0]",
                        "ensemble output 'y' for ensemble m' is not used"),
                arguments(
                        ensemble(io("x", "y"), step("x", "t"), step("u", "y")),
                        "output[0]",
                        "output 'y' for ensemble 'm' is not written: at least one of its depending"
                                + " tensors, 'u', is not connected"),
                arguments(
                        ensemble(io("x", "y"), step("x", "t"), step("y", "u")),
                        "output[0]",
                        "output 'y' for ensemble 'm' is not written"),
                arguments(
                        ensemble(io("x", "y"), step("x", "y"), step("x", "t")),
                        "ensemble_scheduling.step[1].output_map[\"o\"]",
                        "ensemble tensor 't' is unused in ensemble 'm'"),
                arguments(
                        ensemble(io("x", "y"), step("x", "y"), step("u", "t"), step("t", "u")),
                        "ensemble_scheduling.step[1].input_map[\"i\"]",
                        "ensemble tensor 'u' is unused in ensemble 'm'"));
    }

    @ParameterizedTest
    @MethodSource({"brokenStructures", "brokenBatching", "brokenSequences", "brokenEnsembles"})
    void namesTheBrokenRuleAndItsField(String text, String field, String message) {
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> ModelConfigRules.checkStructure(config(text)))
                .satisfies(e -> {
                    assertThat(e.text()).isEqualTo(message);
                    assertThat(e.fieldPath()).contains(field);
                    assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
                });
    }

    private static String input(String fields) {
        return MODEL + "input { " + fields + " }";
    }

    private static String output(String fields) {
        return MODEL + "output { " + fields + " }";
    }

    static Stream<Arguments> brokenTensors() {
        String x = "name: 'x' data_type: TYPE_FP32 ";
        String notBatching = MODEL.replace("max_batch_size: 8", "");
        return Stream.of(
                arguments(input(""), "input[0]", "model input must specify 'name' for m"),
                arguments(output(""), "output[0]", "model output must specify 'name' for m"),
                arguments(
                        input("name: 'x'"),
                        "input[0].data_type",
                        "model input 'x' must specify 'data_type' for m"),
                arguments(
                        input("name: 'x' data_type: 99"),
                        "input[0].data_type",
                        "model input 'x' must specify 'data_type' for m"),
                arguments(input(x), "input[0].dims", "model input 'x' must specify 'dims' for m"),
                arguments(
                        output(x), "output[0].dims", "model output 'x' must specify 'dims' for m"),
                arguments(
                        notBatching + "input { " + x + "dims: 1 reshape { } }",
                        "input[0].reshape",
                        "model input 'x' cannot have empty reshape for non-batching model as scalar"
                                + " tensors are not supported for m"),
                arguments(
                        input(x + "dims: [ 1, 0 ]"),
                        "input[0].dims[1]",
                        "model input 'x' dimension must be integer >= 1, or -1 to indicate a"
                                + " variable-size dimension for m"),
                arguments(
                        input(x + "dims: 1 reshape { shape: [ -2 ] }"),
                        "input[0].reshape.shape[0]",
                        "model input 'x' reshape dimensions must be integer >= 1, or -1 to indicate"
                                + " a variable-size dimension for m"),
                arguments(
                        input(x + "dims: [ 4294967296, 4294967296 ]"),
                        "input[0].dims",
                        "element count for tensor 'x dims' exceeds maximum size of"
                                + " 9223372036854775807 for m"),
                arguments(
                        input(x + "dims: [ 2147483648, -1, 4294967296 ]"),
                        "input[0].dims",
                        "element count for tensor 'x dims' exceeds maximum size of"
                                + " 9223372036854775807 for m"),
                arguments(
                        input(x + "dims: 1 reshape { shape: [ 9223372036854775807, 2 ] }"),
                        "input[0].reshape",
                        "element count for tensor 'x reshape' exceeds maximum size of"
                                + " 9223372036854775807 for m"),
                arguments(
                        input(x + "dims: 3 format: FORMAT_NCHW"),
                        "input[0].format",
                        "model input NHWC/NCHW require 3 dims for m"),
                arguments(
                        input(x + "dims: 3 is_shape_tensor: true"),
                        "input[0].is_shape_tensor",
                        "shape tensors are only supported for TensorRT platform for m"),
                arguments(
                        output(x + "dims: 3 is_non_linear_format_io: true"),
                        "output[0].is_non_linear_format_io",
                        "Non-linear IO format is only supported for the TensorRT platform for m"),
                arguments(
                        output(x + "dims: 3 is_non_linear_format_io: true")
                                + " platform: 'tensorrt_plan'",
                        "output[0].dims",
                        "Non-linear IO format output requires 3 dims for m"),
                arguments(
                        IO + "input { " + x + "dims: 3 }",
                        "input[1].name",
                        "model input 'x' is specified more than once for m"),
                arguments(
                        IO + "output { name: 'y' data_type: TYPE_FP32 dims: 3 }",
                        "output[1].name",
                        "model output 'y' is specified more than once for m"));
    }

    static Stream<Arguments> brokenBatchTensors() {
        String count = "kind: BATCH_ELEMENT_COUNT target_name: 't' data_type: TYPE_INT32 ";
        return Stream.of(
                arguments(
                        IO + "batch_input { " + count + "}",
                        "batch_input[0].source_input",
                        "batch input kind 'BATCH_ELEMENT_COUNT' expects 1 source input, got 0 for"
                                + " m"),
                arguments(
                        IO + "batch_input { target_name: 't' source_input: 'x' }",
                        "batch_input[0].data_type",
                        "batch input data type must be TYPE_INT32 or TYPE_FP32 for m"),
                arguments(
                        IO + "batch_input { " + count + "source_input: 'z' }",
                        "batch_input[0].source_input[0]",
                        "unknown source input name 'z' for m"),
                arguments(
                        IO
                                + "batch_input { target_name: 'x' data_type: TYPE_INT32"
                                + " source_input: 'x' }",
                        "batch_input[0].target_name[0]",
                        "batch input target 'x' must not be listed as a model input for m"),
                arguments(
                        IO + "batch_output { target_name: 'y' source_input: [ 'x', 'x' ] }",
                        "batch_output[0].source_input",
                        "batch output kind 'BATCH_SCATTER_WITH_INPUT_SHAPE' expects 1 source input,"
                                + " got 2 for m"),
                arguments(
                        IO + "batch_output { target_name: 'z' source_input: 'x' }",
                        "batch_output[0].target_name[0]",
                        "unknown target output name 'z' for m"),
                arguments(
                        IO + "batch_output { target_name: [ 'y', 'y' ] source_input: 'x' }",
                        "batch_output[0].target_name[1]",
                        "target output name 'y' can only be specified once for m"),
                arguments(
                        IO + "batch_output { target_name: 'y' source_input: 'z' }",
                        "batch_output[0].source_input[0]",
                        "unknown source input name 'z' for m"));
    }

    static Stream<Arguments> brokenStates() {
        String initial = "initial_state { data_type: TYPE_INT32 name: 'i' ";
        return Stream.of(
                arguments(
                        STATE + "} state { input_name: 's' } }",
                        "sequence_batching.state[1].input_name",
                        "State input name 's' specified more than once."),
                arguments(
                        STATE + "initial_state { } initial_state { } } }",
                        "sequence_batching.state[0].initial_state[1]",
                        "initial_state field for state input 's' must contain exactly one or zero"
                                + " element. Found '2' elements."),
                arguments(
                        STATE + "initial_state { data_type: TYPE_FP32 } } }",
                        "sequence_batching.state[0].initial_state[0].data_type",
                        "The data type used for 'initial_state' field of state 's' does not match"
                                + " the state data type."),
                arguments(
                        STATE + "initial_state { data_type: TYPE_INT32 } } }",
                        "sequence_batching.state[0].initial_state[0]",
                        "Field 'name' must be set when using initial_state for state input 's'."),
                arguments(
                        STATE + initial + "dims: 2 } } }",
                        "sequence_batching.state[0].initial_state[0].dims",
                        "Number of dimensions in 'initial_state' doesn't match the size of 'state'"
                                + " dimensions for state input 's'. 1 != 2"),
                arguments(
                        STATE + initial + "dims: [ 2, -1 ] } } }",
                        "sequence_batching.state[0].initial_state[0].dims[1]",
                        "'initial_state' field for state input name 's' contains variable"
                                + " dimensions."),
                arguments(
                        STATE + initial + "dims: [ 3, 1 ] } } }",
                        "sequence_batching.state[0].initial_state[0].dims[0]",
                        "'initial_state' dim for input name 's' doesn't match 'state' dim"
                                + " description. 3 != 2"),
                arguments(
                        STATE + initial + "dims: [ 2, 1 ] } } }",
                        "sequence_batching.state[0].initial_state[0]",
                        "initial_state setting expects state's' to have state_data set"),
                arguments(
                        STATE + "use_growable_memory: true } }",
                        "sequence_batching.state[0].use_growable_memory",
                        "In order to 'use_growable_memory', you must also enable"
                                + " 'use_single_buffer' for state input name 's'."));
    }

    @ParameterizedTest
    @MethodSource({"brokenTensors", "brokenBatchTensors", "brokenStates"})
    void namesTheBrokenTensorAndItsField(String text, String field, String message) {
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> ModelConfigRules.checkTensors(config(text)))
                .satisfies(e -> {
                    assertThat(e.text()).isEqualTo(message);
                    assertThat(e.fieldPath()).contains(field);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "platform: 'whatever'",
                "dynamic_batching { preferred_batch_size: [ 4, 8 ] }",
                "dynamic_batching { priority_queue_policy { key: 9 value { } } }",
                "sequence_batching { direct { minimum_slot_utilization: 0 } }",
                "sequence_batching { control_input { name: 'a' control { kind:"
                        + " CONTROL_SEQUENCE_START bool_false_true: [ false, true ] } }"
                        + " control_input { name: 'b' control { kind: CONTROL_SEQUENCE_CORRID"
                        + " data_type: TYPE_STRING } } }",
                "model_metrics { metric_control { metric_identifier { family: 'f' }"
                        + " histogram_options { buckets: 1 } } }"
            })
    void acceptsWhatBreaksNoRule(String fields) {
        assertThatCode(() -> ModelConfigRules.checkStructure(config(MODEL + fields)))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsAnEnsembleWhoseTensorsAreAllConnected() {
        String text = ensemble(io("x", "y"), step("t", "y"), step("x", "t"));

        assertThatCode(() -> ModelConfigRules.checkStructure(config(text)))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsAConfigurationWithoutInputsAndOutputs() {
        assertThatCode(() -> ModelConfigRules.checkTensors(config(MODEL)))
                .doesNotThrowAnyException();
    }
}
