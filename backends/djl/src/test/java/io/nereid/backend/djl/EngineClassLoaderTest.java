package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineClassLoaderTest {
    private static final ClassLoader PARENT = EngineClassLoaderTest.class.getClassLoader();

    @TempDir Path folder;

    @Test
    void prefersItsOwnClasses() throws Exception {
        copyClass(Causes.class);
        try (EngineClassLoader loader = EngineClassLoader.over(List.of(folder), PARENT)) {
            Class<?> own = loader.loadClass(Causes.class.getName());

            assertThat(own).isNotSameAs(Causes.class);
            assertThat(own.getClassLoader()).isSameAs(loader);
            assertThat(loader.loadClass(Causes.class.getName())).isSameAs(own);
        }
    }

    @Test
    void takesTheRestFromItsParent() throws Exception {
        try (EngineClassLoader loader = EngineClassLoader.over(List.of(folder), PARENT)) {
            assertThat(loader.loadClass(DjlEngine.class.getName())).isSameAs(DjlEngine.class);
            assertThatThrownBy(() -> loader.loadClass("io.nereid.Nowhere"))
                    .isInstanceOf(ClassNotFoundException.class);
        }
    }

    @Test
    void hidesResourcesOfItsParentBehindItsOwn() throws Exception {
        String name = "META-INF/services/io.nereid.backend.Backend";
        try (EngineClassLoader loader = EngineClassLoader.over(List.of(folder), PARENT)) {
            assertThat(loader.getResource(name)).isEqualTo(PARENT.getResource(name));
        }
        Path own = folder.resolve("classes").resolve(name);
        Files.createDirectories(own.getParent());
        Files.writeString(own, "none");
        try (EngineClassLoader loader = EngineClassLoader.over(List.of(folder), PARENT)) {
            assertThat(loader.getResource(name)).isEqualTo(own.toUri().toURL());
            assertThat(Collections.list(loader.getResources(name)))
                    .containsExactly(own.toUri().toURL());
        }
    }

    private void copyClass(Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        Path target = folder.resolve("classes").resolve(name);
        Files.createDirectories(target.getParent());
        try (InputStream bytes = PARENT.getResourceAsStream(name)) {
            Files.copy(bytes, target);
        }
    }
}
