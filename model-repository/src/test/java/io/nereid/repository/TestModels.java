package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Directories of models, and what the index says of them. */
final class TestModels {
    static final String IO =
            " input { name: 'x' data_type: TYPE_FP32 dims: 3 } output { name: 'y' data_type:"
                    + " TYPE_FP32 dims: 3 } ";
    static final String PLAIN = "backend: 'identity'" + IO;

    private TestModels() {}

    static void write(Path repository, String name, String config, long... versions) {
        try {
            Path directory = Files.createDirectories(repository.resolve(name));
            Files.writeString(directory.resolve("config.pbtxt"), config);
            for (long version : versions) {
                Files.createDirectories(directory.resolve(Long.toString(version)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a configuration; its time is later than that of any change before. */
    static void change(Path repository, String name, String config) {
        write(repository, name, config);
        touch(repository.resolve(name).resolve("config.pbtxt"));
    }

    /** Makes a file newer than everything before it, however coarse the file system's clock is. */
    static void touch(Path file) {
        try {
            Path now = Files.createTempFile("now", "");
            long before = ModelTimestamps.changed(now);
            Files.delete(now);
            do {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            } while (ModelTimestamps.changed(file) <= before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes on at the end of a file, which is made if need be. */
    static void append(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String ensemble(String... members) {
        StringBuilder text =
                new StringBuilder("platform: 'ensemble'" + IO + "ensemble_scheduling {");
        String from = "x";
        for (int i = 0; i < members.length; i++) {
            String to = i == members.length - 1 ? "y" : "t" + i;
            text.append(step(members[i], -1, from, to));
            from = to;
        }
        return text.append("}").toString();
    }

    static String step(String member, long version, String from, String to) {
        return " step { model_name: '%s' model_version: %d input_map { key: 'x' value: '%s' } output_map { key: 'y' value: '%s' } }"
                .formatted(member, version, from, to);
    }

    /** A repository whose models are loaded on request only. */
    static ModelRepository onRequest(Path root, FakeLoader loader, String... atStart) {
        ModelRepository repository =
                new ModelRepository(
                        new RepositoryOptions(
                                List.of(root.toString()),
                                StartupModels.explicit(List.of(atStart)),
                                true,
                                true,
                                Optional.empty(),
                                2,
                                0,
                                GpuInventory.NONE,
                                false,
                                Optional.empty()),
                        loader);
        loader.holding(repository::lease);
        repository.loadAll();
        return repository;
    }

    static IndexEntry entry(String name, long version, VersionState state, String reason) {
        return new IndexEntry(name, OptionalLong.of(version), Optional.of(state), reason);
    }

    static IndexEntry ready(String name, long version) {
        return entry(name, version, VersionState.READY, "");
    }

    static IndexEntry unloaded(String name, long version) {
        return entry(name, version, VersionState.UNAVAILABLE, "unloaded");
    }

    static void load(ModelRepository repository, String name) {
        repository.load(name, ModelOverride.NONE);
    }

    static void assertRefused(ThrowingCallable call, StatusCode code, String text) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(call)
                .satisfies(e -> {
                    assertThat(e.text()).isEqualTo(text);
                    assertThat(e.code()).isEqualTo(code);
                });
    }
}
