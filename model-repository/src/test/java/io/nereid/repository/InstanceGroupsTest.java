package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InstanceGroupsTest {
    private static final GpuInventory TWO = new GpuInventory(true, List.of(0, 1), 7.5);
    private static final GpuInventory EMPTY = new GpuInventory(true, List.of(), 7.5);

    private static ModelConfigProto.ModelConfig config(String groups)
            throws TextFormat.ParseException {
        return TextFormat.parse(
                "name: 'm' platform: 'p' " + groups, ModelConfigProto.ModelConfig.class);
    }

    static Stream<Arguments> completed() {
        return Stream.of(
                arguments(GpuInventory.NONE, "", "name: 'm' kind: KIND_CPU count: 2"),
                arguments(TWO, "", "name: 'm' kind: KIND_GPU count: 1 gpus: [ 0, 1 ]"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { count: -3 }",
                        "name: 'm_0' kind: KIND_CPU count: 2"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { name: 'g' kind: KIND_CPU count: 5 }",
                        "name: 'g' kind: KIND_CPU count: 5"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { kind: KIND_MODEL }",
                        "name: 'm_0' kind: KIND_MODEL count: 1"),
                arguments(
                        TWO,
                        "instance_group { gpus: 1 }",
                        "name: 'm_0' kind: KIND_GPU count: 1 gpus: 1"));
    }

    @ParameterizedTest
    @MethodSource("completed")
    void completesGroups(GpuInventory gpus, String groups, String expected) throws Exception {
        ModelConfigProto.ModelConfig config =
                new InstanceGroups(gpus).complete(config(groups), 2, false);

        assertThat(config.getInstanceGroupList())
                .containsExactly(
                        TextFormat.parse(expected, ModelConfigProto.ModelInstanceGroup.class));
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                arguments(
                        GpuInventory.NONE,
                        "instance_group { kind: KIND_CPU gpus: 0 }",
                        "instance_group[0].gpus",
                        "instance group m_0 of model m has kind KIND_CPU but specifies one or more"
                                + " GPUs"),
                arguments(
                        TWO,
                        "instance_group { kind: KIND_MODEL gpus: 0 }",
                        "instance_group[0].gpus",
                        "instance group m_0 of model m has kind KIND_MODEL but specifies one or"
                                + " more GPUs"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { } instance_group { kind: KIND_GPU }",
                        "instance_group[1].kind",
                        "instance group m_1 of model m has kind KIND_GPU but server does not"
                                + " support GPUs"),
                arguments(
                        EMPTY,
                        "instance_group { kind: KIND_GPU }",
                        "instance_group[0].kind",
                        "instance group m_0 of model m has kind KIND_GPU but no GPUs are"
                                + " available"),
                arguments(
                        TWO,
                        "instance_group { kind: KIND_GPU gpus: [ 0, 2 ] }",
                        "instance_group[0].gpus[1]",
                        "instance group m_0 of model m specifies invalid or unsupported gpu id 2."
                                + " GPUs with at least the minimum required CUDA compute"
                                + " compatibility of 7.500000 are: 0, 1"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { passive: true } instance_group { passive: true }",
                        "instance_group[0].passive",
                        "all instances of model m are passive, none would take its requests"),
                arguments(
                        GpuInventory.NONE,
                        "instance_group { profile: '1' }",
                        "instance_group[0].profile[0]",
                        "instance group m_0 of model m and platform pspecifies profile field which"
                                + " is only supported for TensorRT models"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void refusesGroupsThatCannotBeHad(
            GpuInventory gpus, String groups, String field, String message) {
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> new InstanceGroups(gpus).complete(config(groups), 2, false))
                .satisfies(e -> {
                    assertThat(e.text()).isEqualTo(message);
                    assertThat(e.fieldPath()).contains(field);
                });
    }

    @Test
    void keepsWhatElseAGroupSays() throws Exception {
        String more =
                "name: 'g' count: 1 passive: true host_policy: 'near' secondary_devices { kind:"
                        + " KIND_NVDLA device_id: 1 } rate_limiter { resources { name: 'R1' count: 4"
                        + " } priority: 2 } kind: KIND_CPU";
        ModelConfigProto.ModelConfig config =
                new InstanceGroups(GpuInventory.NONE)
                        .complete(
                                config("instance_group { } instance_group { " + more + " }"),
                                2,
                                false);

        assertThat(config.getInstanceGroup(1))
                .isEqualTo(TextFormat.parse(more, ModelConfigProto.ModelInstanceGroup.class));
    }

    @Test
    void takesAGpuForACpuWhereTheEngineComputesOnTheCpuAnyway() throws Exception {
        ModelConfigProto.ModelConfig config =
                new InstanceGroups(GpuInventory.NONE)
                        .complete(
                                config("instance_group { kind: KIND_GPU gpus: 0 count: 3 }"),
                                2,
                                true);

        assertThat(config.getInstanceGroupList())
                .containsExactly(
                        TextFormat.parse(
                                "name: 'm_0' kind: KIND_CPU count: 3",
                                ModelConfigProto.ModelInstanceGroup.class));
    }
}
