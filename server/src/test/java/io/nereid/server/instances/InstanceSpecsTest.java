package io.nereid.server.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.TextFormat;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstanceSpecsTest {
    private static List<InstanceSpec> specs(String groups) {
        String text =
                """
                name: "m" backend: "fake" version_policy { latest { num_versions: 1 } }
                input { name: "IN" data_type: TYPE_FP32 dims: [ 1 ] }
                output { name: "OUT" data_type: TYPE_FP32 dims: [ 1 ] }
                """
                        + groups;
        try {
            return InstanceSpecs.of(
                    ModelConfig.of(TextFormat.parse(text, ModelConfigProto.ModelConfig.class)));
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("wrong configuration in a test: " + text, e);
        }
    }

    @Test
    void countsTheInstancesOfAGroup() {
        assertThat(specs("instance_group { name: 'm' kind: KIND_CPU count: 2 }"))
                .extracting(InstanceSpec::name, InstanceSpec::index, InstanceSpec::count)
                .containsExactly(tuple("m_0", 0, 2), tuple("m_1", 1, 2));
    }

    @Test
    void opensEachInstanceOnEveryGpuOfItsGroupUnderOneName() {
        List<InstanceSpec> specs =
                specs("instance_group { name: 'g' kind: KIND_GPU count: 2 gpus: [ 0, 3 ] }");

        assertThat(specs)
                .extracting(InstanceSpec::name)
                .containsExactly("g_0", "g_0", "g_1", "g_1");
        assertThat(specs).extracting(spec -> spec.device().index()).containsExactly(0, 3, 0, 3);
        assertThat(specs).extracting(InstanceSpec::index).containsExactly(0, 1, 2, 3);
        assertThat(specs).allMatch(spec -> spec.device().kind() == Device.Kind.GPU);
    }

    @Test
    void leavesTheDeviceToTheEngineOrTakesTheCpu() {
        assertThat(
                        specs(
                                "instance_group { name: 'a' kind: KIND_MODEL count: 1 }"
                                        + " instance_group { name: 'b' kind: KIND_CPU count: 1 }"))
                .extracting(InstanceSpec::device)
                .containsExactly(new Device(Device.Kind.MODEL, 0), Device.CPU);
    }

    @Test
    void keepsPassiveInstancesAndWhatElseTheirGroupSays() {
        List<InstanceSpec> specs =
                specs(
                        """
                        instance_group { name: 'a' kind: KIND_CPU count: 1 }
                        instance_group { name: 'b' kind: KIND_CPU count: 1 passive: true
                          host_policy: 'near' rate_limiter { priority: 2 }
                          secondary_devices { kind: KIND_NVDLA device_id: 1 } }
                        """);

        assertThat(specs)
                .extracting(spec -> spec.group().getPassive())
                .containsExactly(false, true);
        assertThat(specs.get(1).group().getRateLimiter().getPriority()).isEqualTo(2);
        assertThat(specs.get(1).group().getSecondaryDevices(0).getDeviceId()).isEqualTo(1);
        assertThat(specs.get(1).isLike(specs.get(0))).isFalse();
    }

    @Test
    void hasTheHostPolicyOfItsGroupOrOfItsDevice() {
        List<InstanceSpec> specs =
                specs(
                        """
                        instance_group { name: 'a' kind: KIND_CPU count: 1 host_policy: 'near' }
                        instance_group { name: 'b' kind: KIND_CPU count: 1 }
                        instance_group { name: 'c' kind: KIND_MODEL count: 1 }
                        instance_group { name: 'd' kind: KIND_GPU count: 1 gpus: 3 }
                        """);

        assertThat(specs)
                .extracting(InstanceSpec::hostPolicy)
                .containsExactly("near", "cpu", "model", "gpu_3");
    }
}
