package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionDirectoriesTest {
    private static final SortedSet<Long> EXISTING = new TreeSet<>(List.of(1L, 2L, 3L, 10L));

    private static List<Long> select(String policy) throws TextFormat.ParseException {
        return VersionDirectories.select(
                "m", TextFormat.parse(policy, ModelVersionPolicy.class), EXISTING);
    }

    @Test
    void takesWholeNumbersOnly() {
        assertThat(
                        VersionDirectories.versions(
                                List.of(
                                        "0",
                                        "007",
                                        "01",
                                        "10",
                                        "2",
                                        "-1",
                                        "3-backup",
                                        ".tmp",
                                        "abc",
                                        "99999999999999999999",
                                        "warmup",
                                        "initial_state",
                                        "configs")))
                .containsExactly(0L, 2L, 10L);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 10",
        "latest { num_versions: 2 }, 3 10",
        "latest { num_versions: 9 }, 1 2 3 10",
        "latest { num_versions: 4294967295 }, 1 2 3 10",
        "all { }, 1 2 3 10",
        "'specific { versions: [ 3, 1, 3, 7 ] }', 1 3",
    })
    void selectsByPolicy(String policy, String versions) throws Exception {
        assertThat(select(policy)).map(String::valueOf).containsExactly(versions.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest { }", "specific { versions: 9 }", "specific { }"})
    void refusesAPolicyThatLeavesNothing(String policy) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> select(policy))
                .withMessage(
                        "at least one version must be available under the version policy of model"
                                + " 'm'");
    }
}
