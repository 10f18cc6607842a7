package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Backend;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.repository.LoadSummary;
import io.nereid.repository.ModelLoader;
import io.nereid.repository.ModelRepository;
import io.nereid.repository.RepositoryOptions;
import io.nereid.repository.store.ModelStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents come from jars of their own. */
class AgentRegistryTest {
    private static final String SOURCE =
            """
            package plugin;
            import io.nereid.protocol.StatusException;
            import io.nereid.repository.agent.*;
            public final class Agent implements RepositoryAgent {
                public String name() { return "NAME"; }
                public AttendedModel load(AgentRequest request) {
                    throw StatusException.invalidArgument("NAME says " + request.parameters().get("say"));
                }
            }
            """;

    @TempDir private Path root;

    @Test
    void findsAgentsOfTheSameClassNameInDifferentFolders() throws IOException {
        Path agents = root.resolve("agents");
        plugin(agents, "one");
        plugin(agents, "two");
        Files.writeString(agents.resolve("notes.txt"), "no agent");
        model("a", "one", "no");
        model("b", "two", "never");

        try (AgentRegistry registry = new AgentRegistry(agents);
                ModelRepository repository = repository(registry)) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row("a", "-", "Not loaded: one says no"),
                            new LoadSummary.Row("b", "-", "Not loaded: two says never"));
        }
    }

    @Test
    void hasWhatIsBuiltInWithoutADirectory() throws IOException {
        model("m", "checksum", "no");
        try (AgentRegistry registry = new AgentRegistry(root.resolve("nowhere"));
                ModelRepository repository = repository(registry)) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row("m", "-", "Not loaded: failed to parse key: say"));
        }
    }

    private ModelRepository repository(AgentRegistry registry) {
        return new ModelRepository(
                RepositoryOptions.of(List.of(root.resolve("models"))),
                new NoLoader(),
                ModelStores.none(),
                registry.agents());
    }

    /** Nothing gets that far. */
    private static final class NoLoader implements ModelLoader {
        @Override
        public Backend backend(String name) {
            throw new IllegalStateException(name);
        }

        @Override
        public Model load(String namespace, ModelConfig config, ModelFiles files) {
            throw new IllegalStateException(config.name());
        }

        @Override
        public void replaceInstances(Model model, ModelConfig config) {
            throw new IllegalStateException(config.name());
        }
    }

    private void model(String name, String agent, String say) throws IOException {
        Path directory = Files.createDirectories(root.resolve("models").resolve(name));
        Files.createDirectory(directory.resolve("1"));
        Files.writeString(
                directory.resolve("config.pbtxt"),
                "backend: 'identity' model_repository_agents { agents { name: '%s' parameters { key: 'say' value: '%s' } } }"
                        .formatted(agent, say));
    }

    private void plugin(Path agents, String name) throws IOException {
        Path classes = Files.createDirectories(root.resolve("classes").resolve(name));
        Path source =
                Files.writeString(classes.resolve("Agent.java"), SOURCE.replace("NAME", name));
        int compiled =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                "-proc:none",
                                "-d",
                                classes.toString(),
                                source.toString());
        assertThat(compiled).isZero();
        Path jar = Files.createDirectories(agents.resolve(name)).resolve("agent.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> made = Files.list(classes.resolve("plugin"))) {
            for (Path file : made.toList()) {
                out.putNextEntry(new JarEntry("plugin/" + file.getFileName()));
                Files.copy(file, out);
            }
            out.putNextEntry(
                    new JarEntry("META-INF/services/io.nereid.repository.agent.RepositoryAgent"));
            out.write("plugin.Agent".getBytes(StandardCharsets.UTF_8));
        }
    }
}
