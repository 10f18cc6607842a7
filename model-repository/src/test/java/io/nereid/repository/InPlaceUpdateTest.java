package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.assertRefused;
import static io.nereid.repository.TestModels.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations that change in a way that needs no reload (repository section 12). */
class InPlaceUpdateTest {
    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    @BeforeEach
    void makeModel() {
        TestModels.write(root, "m", PLAIN, 1, 2);
    }

    private static int instances(ModelRepository repository, long version) {
        return repository
                .model("m", OptionalLong.of(version))
                .config()
                .message()
                .getInstanceGroup(0)
                .getCount();
    }

    @Test
    void instancesAreExchangedAndNothingIsLoadedAgain() {
        try (ModelRepository repository = TestModels.onRequest(root, loader, "m")) {
            TestModels.change(root, "m", PLAIN + "instance_group { count: 3 }");
            load(repository, "m");

            assertThat(instances(repository, 2)).isEqualTo(3);
            assertThat(loader.loaded).containsExactly("m:2");
            assertThat(loader.replaced).containsExactly("m:2");
        }
    }

    @Test
    void aVersionPolicyAddsAndRemovesVersionsInTheSameStep() {
        try (ModelRepository repository = TestModels.onRequest(root, loader, "m")) {
            TestModels.change(
                    root, "m", PLAIN + "instance_group { count: 2 } version_policy { all {} }");
            load(repository, "m");
            assertThat(repository.readyVersions("m")).containsExactly(1L, 2L);
            assertThat(instances(repository, 1)).isEqualTo(2);
            assertThat(instances(repository, 2)).isEqualTo(2);
            assertThat(loader.loaded).containsExactly("m:2", "m:1");

            TestModels.change(
                    root,
                    "m",
                    PLAIN
                            + "instance_group { count: 2 } version_policy { specific { versions: 1 } }");
            load(repository, "m");
            assertThat(repository.readyVersions("m")).containsExactly(1L);
            assertThat(loader.loaded).containsExactly("m:2", "m:1");
        }
    }

    @Test
    void anythingElseIsAReload() {
        try (ModelRepository repository = TestModels.onRequest(root, loader, "m")) {
            TestModels.change(root, "m", PLAIN + "instance_group { count: 3 } max_batch_size: 2");
            load(repository, "m");
            assertThat(loader.loaded).containsExactly("m:2", "m:2");

            TestModels.append(root.resolve("m").resolve("2").resolve("model"), "weights");
            TestModels.change(root, "m", PLAIN + "instance_group { count: 4 } max_batch_size: 2");
            load(repository, "m");
            assertThat(loader.loaded).containsExactly("m:2", "m:2", "m:2");
            assertThat(loader.replaced).isEmpty();
        }
    }

    @Test
    void instancesThatCannotBeHadLeaveTheModelAsItIs() {
        loader.onReplace(
                "m",
                _ -> {
                    throw new StatusException(StatusCode.UNAVAILABLE, "no memory left");
                });
        try (ModelRepository repository = TestModels.onRequest(root, loader, "m")) {
            TestModels.change(root, "m", PLAIN + "instance_group { count: 3 }");

            assertRefused(
                    () -> load(repository, "m"),
                    StatusCode.INVALID_ARG,
                    "load failed for model 'm': version 2 is at READY state: Unavailable: no memory"
                            + " left;\n");
            assertThat(instances(repository, 2)).isEqualTo(1);
            assertThat(repository.readyVersions("m")).containsExactly(2L);
        }
    }
}
