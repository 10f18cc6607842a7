package io.nereid.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.SlabAllocator;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many threads a session has, and whose they are. */
class SessionThreadsTest {
    private static final String POOL = "--backend-config=onnxruntime,intra_op_thread_count";
    private static final String OWN = "intra_op_thread_count";

    private static ComputeThreads threads(int cores, Map<String, String> settings, String more) {
        try (SlabAllocator allocator = new SlabAllocator(0, false);
                OnnxRuntimeBackend backend = new OnnxRuntimeBackend()) {
            backend.open(new BackendEnvironment(Path.of("nowhere"), settings, allocator, cores));
            return backend.threads(
                    TestConfigs.parse(
                            """
                            name: "m" platform: "onnxruntime_onnx" backend: "onnxruntime"
                            input { name: "IN" data_type: TYPE_FP32 dims: [ 1 ] }
                            output { name: "OUT" data_type: TYPE_FP32 dims: [ 1 ] }
                            """
                                    + more));
        }
    }

    private static String parameter(String key, int value) {
        return "parameters { key: \"" + key + "\" value { string_value: \"" + value + "\" } } ";
    }

    private static String instances(int count) {
        return "instance_group { kind: KIND_CPU count: " + count + " } ";
    }

    @Test
    void sharesThePoolOfAllCoresWhereInstancesLeaveSomeFree() {
        assertThat(threads(16, Map.of(), instances(2)))
                .isEqualTo(new ComputeThreads(16, true, POOL));
        assertThat(threads(16, Map.of(OWN, "4"), instances(2)))
                .isEqualTo(new ComputeThreads(4, true, POOL));
    }

    @Test
    void hasNoThreadsBesideItsInstancesWhereTheseFillTheCores() {
        assertThat(threads(2, Map.of(), instances(2))).isEqualTo(new ComputeThreads(1, false, OWN));
        assertThat(threads(3, Map.of(), instances(2))).isEqualTo(new ComputeThreads(1, false, OWN));
        assertThat(threads(2, Map.of(), instances(1) + "instance_group { count: 9 passive: true }"))
                .isEqualTo(new ComputeThreads(2, true, POOL));
    }

    @Test
    void hasItsOwnThreadsWhereTheConfigurationCountsThem() {
        assertThat(threads(16, Map.of(), instances(2) + parameter(OWN, 5)))
                .isEqualTo(new ComputeThreads(5, false, OWN));
        assertThat(
                        threads(
                                16,
                                Map.of(),
                                instances(4)
                                        + parameter("execution_mode", 1)
                                        + parameter("inter_op_thread_count", 6)))
                .isEqualTo(new ComputeThreads(6, false, OWN));
        assertThat(threads(16, Map.of(), instances(4) + parameter("execution_mode", 1)))
                .isEqualTo(new ComputeThreads(4, false, OWN));
    }

    @Test
    void doesWhatTheSettingForTheGlobalPoolSays() {
        assertThat(threads(16, Map.of("enable-global-threadpool", "0"), instances(2)))
                .isEqualTo(new ComputeThreads(8, false, OWN));
        assertThat(
                        threads(
                                16,
                                Map.of("enable-global-threadpool", "1", OWN, "3"),
                                instances(2) + parameter(OWN, 5)))
                .isEqualTo(new ComputeThreads(3, true, POOL));
    }
}
