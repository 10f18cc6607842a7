package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules whose breaches are collected instead of thrown. */
class CollectedBreachesTest {
    private static List<InvalidConfigException> breaches(String text)
            throws TextFormat.ParseException {
        ModelConfigProto.ModelConfig config =
                TextFormat.parse(
                        "name: 'm' version_policy { all { } } " + text,
                        ModelConfigProto.ModelConfig.class);
        List<InvalidConfigException> breaches = new ArrayList<>();
        ModelConfigRules.checkStructure(config, breaches::add);
        ModelConfigRules.checkTensors(config, breaches::add);
        return breaches;
    }

    private static List<String> fields(String text) throws TextFormat.ParseException {
        return breaches(text).stream().map(breach -> breach.fieldPath().orElse("")).toList();
    }

    @Test
    void everyTensorIsLookedAt() throws TextFormat.ParseException {
        assertThat(
                        fields(
                                "backend: 'b' input { dims: 1 } input { name: 'x' data_type:"
                                        + " TYPE_FP32 } output { name: 'y' data_type: TYPE_FP32"
                                        + " dims: [ -2, 0 ] } output { name: 'y' data_type:"
                                        + " TYPE_FP32 dims: 4 reshape { shape: [ 3 ] } }"))
                .containsExactly(
                        "input[0]",
                        "input[0].data_type",
                        "input[1].dims",
                        "output[0].dims[0]",
                        "output[0].dims[1]",
                        "output[1].reshape",
                        "output[1].name");
    }

    @Test
    void sizesThatAreNoneAreNotMultiplied() throws TextFormat.ParseException {
        assertThat(
                        fields(
                                "backend: 'b' input { name: 'x' data_type: TYPE_FP32 dims: 0"
                                        + " reshape { shape: [ 7 ] } }"))
                .containsExactly("input[0].dims[0]");
    }

    @Test
    void schedulersAreLookedAtBesideTheRest() throws TextFormat.ParseException {
        assertThat(
                        fields(
                                "platform: 'p' max_batch_size: -1 dynamic_batching {"
                                        + " preferred_batch_size: [ 0, 4 ] preserve_ordering: true"
                                        + " priority_levels: 2 }"))
                .containsExactly(
                        "platform",
                        "max_batch_size",
                        "dynamic_batching.preferred_batch_size[0]",
                        "dynamic_batching.preferred_batch_size[1]",
                        "dynamic_batching.default_priority_level",
                        "dynamic_batching.priority_levels");
    }

    @Test
    void controlsOfSequencesAreLookedAtOneByOne() throws TextFormat.ParseException {
        assertThat(
                        fields(
                                "backend: 'b' sequence_batching { control_input { control { kind:"
                                        + " CONTROL_SEQUENCE_START } } control_input { name: 'e'"
                                        + " control { kind: CONTROL_SEQUENCE_END int32_false_true:"
                                        + " 1 } } }"))
                .containsExactly(
                        "sequence_batching.control_input[0]",
                        "sequence_batching.control_input[0].control[0]",
                        "sequence_batching.control_input[1].control[0].int32_false_true");
    }

    @Test
    void ensemblesNameTheEntriesOfTheirMaps() throws TextFormat.ParseException {
        List<InvalidConfigException> breaches =
                breaches(
                        "platform: 'ensemble' input { name: 'X' data_type: TYPE_FP32 dims: 1 }"
                                + " output { name: 'Y' data_type: TYPE_FP32 dims: 1 }"
                                + " ensemble_scheduling { step { model_name: 'a' input_map { key:"
                                + " 'in' value: 'X' } output_map { key: 'out' value: 'half' } }"
                                + " step { model_name: 'a' input_map { key: 'in' value: 'halve' }"
                                + " output_map { key: 'out' value: 'Y' } } }");

        assertThat(breaches)
                .extracting(breach -> breach.fieldPath().orElse(""))
                .containsExactly(
                        "output[0]",
                        "ensemble_scheduling.step[1].input_map[\"in\"]",
                        "ensemble_scheduling.step[0].output_map[\"out\"]");
        assertThat(breaches.get(1).advice().fix()).contains("did you mean 'half'");
    }

    @Test
    void everyBreachSaysWhatToDo() throws TextFormat.ParseException {
        assertThat(
                        breaches(
                                "max_batch_size: -1 input { } batch_input { target_name: 'z' }"
                                        + " sequence_batching { state { initial_state { } }"
                                        + " control_input { } } instance_group { }"))
                .hasSizeGreaterThan(5)
                .allSatisfy(breach -> assertThat(breach.advice().fix()).isNotEmpty());
    }
}
