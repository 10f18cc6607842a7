package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.assertRefused;
import static io.nereid.repository.TestModels.ensemble;
import static io.nereid.repository.TestModels.onRequest;
import static io.nereid.repository.TestModels.ready;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories that come and go, with models that are called otherwise than their directories. */
class RegistrationTest {
    @TempDir Path root;
    @TempDir Path archive;

    private final FakeLoader loader = new FakeLoader();

    @Test
    void callsAModelAsTheMappingSaysAndItsMembersAsTheirDirectories() {
        TestModels.write(archive, "part", PLAIN, 1);
        TestModels.write(archive, "whole", "name: 'whole' " + ensemble("part"), 1);
        try (ModelRepository repository = onRequest(root, loader)) {
            repository.register(archive, Map.of("whole", "a.tar.gz"));

            repository.load("a.tar.gz", ModelOverride.NONE);

            assertThat(repository.index()).containsExactly(ready("a.tar.gz", 1), ready("part", 1));
            assertThat(repository.model("a.tar.gz", OptionalLong.empty()).config().name())
                    .isEqualTo("a.tar.gz");
            repository.unload("a.tar.gz", true);
            repository.awaitUnloaded("a.tar.gz");
            repository.awaitUnloaded("part");
            repository.unregister(archive);
            assertThat(repository.index()).isEmpty();
            assertRefused(
                    () -> repository.load("a.tar.gz", ModelOverride.NONE),
                    StatusCode.INTERNAL,
                    "failed to load 'a.tar.gz', failed to poll from model repository");
        }
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void refusesWhatIsRegisteredAlreadyOrIsNotThere(@TempDir Path other) {
        TestModels.write(archive, "m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader)) {
            repository.register(archive, Map.of("m", "name"));

            assertRefused(
                    () -> repository.register(archive, Map.of("m", "name")),
                    StatusCode.ALREADY_EXISTS,
                    "model repository '" + archive + "' has already been registered");
            assertRefused(
                    () -> repository.register(root, Map.of()),
                    StatusCode.ALREADY_EXISTS,
                    "model repository '" + root + "' has already been registered");
            assertRefused(
                    () -> repository.register(other, Map.of("n", "name")),
                    StatusCode.ALREADY_EXISTS,
                    "failed to register 'name', there is a conflicting mapping for 'name'");
            Path none = archive.resolve("none");
            assertRefused(
                    () -> repository.register(none, Map.of()),
                    StatusCode.NOT_FOUND,
                    "failed to register '" + none + "', repository not found");
            assertRefused(
                    () -> repository.unregister(other),
                    StatusCode.NOT_FOUND,
                    "failed to unregister '" + other + "', repository not found");
            repository.unregister(archive);
            repository.register(archive, Map.of("m", "name"));
        }
    }
}
