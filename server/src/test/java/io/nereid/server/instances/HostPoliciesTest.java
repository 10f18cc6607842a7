package io.nereid.server.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPoliciesTest {
    private static final ThreadFactory PLATFORM = Thread.ofPlatform().factory();

    private static InstanceSpec spec(String hostPolicy) {
        return new InstanceSpec(
                "m_0",
                0,
                1,
                Device.CPU,
                ModelInstanceGroup.newBuilder().setHostPolicy(hostPolicy).build());
    }

    /** Where the calling thread may run, in the system's words. */
    private static String cores() {
        try {
            return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                    .filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a new thread may run once it was placed for an instance of a policy. */
    private static String coresOf(HostPolicies policies, String policy) throws Exception {
        try (ExecutorService thread = Executors.newSingleThreadExecutor(PLATFORM)) {
            Callable<String> placed =
                    () -> {
                        policies.place(spec(policy));
                        return cores();
                    };
            return thread.submit(placed).get();
        }
    }

    @Test
    void putsAThreadOnTheCoresOfItsPolicyAndNoOther() throws Exception {
        String everywhere = cores();
        String one = String.valueOf(new CoreSet(everywhere).bits().nextSetBit(0));
        HostPolicies policies = HostPolicies.of(List.of("near,cpu-cores=" + one));

        assertThat(coresOf(policies, "near")).isEqualTo(one);
        assertThat(coresOf(policies, "far")).isEqualTo(everywhere);
        assertThat(cores()).isEqualTo(everywhere);
    }

    @Test
    void takesThePolicyOfTheDeviceWhereTheGroupNamesNone() throws Exception {
        String one = String.valueOf(new CoreSet(cores()).bits().nextSetBit(0));

        assertThat(coresOf(HostPolicies.of(List.of("cpu,cpu-cores=" + one)), "")).isEqualTo(one);
    }

    @Test
    void leavesAThreadWhereItIsIfTheSystemRefuses() throws Exception {
        HostPolicies nowhere =
                HostPolicies.of(List.of("near,cpu-cores=8191", "numa,numa-node=9999"));

        assertThat(coresOf(nowhere, "near")).isEqualTo(cores());
        assertThat(coresOf(nowhere, "numa")).isEqualTo(cores());
    }

    @Test
    void joinsTheSettingsOfAPolicy() {
        HostPolicy policy =
                HostPolicies.of(List.of("p,numa-node=1", "p,cpu-cores=0-3,8-9", "q,numa-node=0"))
                        .policy("p");

        assertThat(policy.numaNode()).hasValue(1);
        assertThat(policy.cores()).contains(new CoreSet("0-3,8-9"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "p,gpu=1 | Unsupported host policy setting 'gpu' is specified, supported settings"
                        + " are 'numa-node', 'cpu-cores'",
                "p,numa-node=one | expected the number of a NUMA node, got 'one'",
                "p,cpu-cores=3-1 | expected numbers of cores such as 0-3 or 0-3,8-9, got '3-1'"
            })
    void refusesWhatIsNoSetting(String text, String message) {
        assertThatThrownBy(() -> HostPolicies.of(List.of(text))).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"numa-node=0", "p", "p,numa-node", "p,=0", "p,numa-node=", ",a=b"})
    void refusesAnotherForm(String text) {
        assertThatThrownBy(() -> HostPolicies.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "--host-policy option format is '<policy name>,<setting>=<value>'. Got "
                                + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1-", "-1", "1,,2", "1;2", "8192", "0-99999", " 1"})
    void refusesWhatAreNoCores(String text) {
        assertThatThrownBy(() -> new CoreSet(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsNumbersAndRangesOfCores() {
        assertThat(new CoreSet("0-2,5,8-9").bits().stream()).containsExactly(0, 1, 2, 5, 8, 9);
    }
}
