package io.nereid.server.main;

import io.nereid.backend.Cores;
import io.nereid.ensemble.EnsembleGraph;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusException;
import io.nereid.repository.RepositoryValidator;
import io.nereid.repository.validation.ValidationReport;
import io.nereid.server.ServerOptions;
import io.nereid.server.main.validation.ReportFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Checks model repositories as the server would load them, without serving them. */
@Command(
        name = "validate",
        description = {
            "Checks model repositories as the server would load them, without serving them: reads"
                    + " every configuration, opens every model file with its engine, and compares"
                    + " ensembles with the models of their steps.",
            "",
            "Exit status: 0 all models can be loaded, 1 something is wrong, 2 the check could not"
                    + " be made."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class ValidateCommand {
    /** All models can be loaded. */
    static final int CLEAN = 0;

    /** There are errors, or warnings with {@code --strict}. */
    static final int FINDINGS = 1;

    /** The command line is wrong, or a repository is not there. */
    static final int TROUBLE = 2;

    private static final long IDLE_TENSOR_BYTES = 1L << 20;

    /** How findings are printed. */
    enum Format {
        TEXT,
        JSON,
        SARIF
    }

    @Parameters(
            arity = "1..*",
            paramLabel = "DIR",
            description =
                    "Repository, one model's directory, one model file, or URL of a store, as for"
                            + " 'serve --model-repository'. Several are checked as one server would serve"
                            + " them.")
    private List<String> repositories = new ArrayList<>();

    @Option(
            names = "--format",
            description =
                    "text: for people and editors; json: for scripts; sarif: SARIF 2.1.0 for code"
                            + " scanning. Default: text.")
    private Format format = Format.TEXT;

    @Option(names = "--strict", description = "Exit with 1 for warnings, too.")
    private boolean strict;

    @Option(
            names = "--disable-auto-complete-config",
            description = "Check as a server that does not complete configurations.")
    private boolean disableAutoComplete;

    @Option(
            names = "--model-config-name",
            description = "Use configs/<name>.pbtxt of a model's directory where there is one.")
    private Optional<String> configName = Optional.empty();

    @Option(
            names = "--model-namespacing",
            arity = "0..1",
            fallbackValue = "true",
            description = "Let models of different repositories share a name.")
    private boolean namespacing;

    @Option(
            names = "--backend-directory",
            description = "Folder with one folder per engine. Default: that of the server.")
    private Optional<Path> backendDirectory = Optional.empty();

    @Option(
            names = "--repoagent-directory",
            description = "Folder with one folder per repository agent, as for 'serve'.")
    private Optional<Path> agentDirectory = Optional.empty();

    @Option(
            names = "--backend-config",
            description = "<backend>,<setting>=<value>, as for 'serve'. Repeatable.")
    private List<String> backendSettings = new ArrayList<>();

    /**
     * Checks the repositories and prints what is found.
     *
     * @return exit status
     */
    int run(Map<String, String> environment, Path home, PrintWriter out, PrintWriter err) {
        ServerOptions options;
        try {
            options = options(environment, home);
        } catch (ParameterException e) {
            return trouble(err, String.valueOf(e.getMessage()));
        }
        Shutdown shutdown = new Shutdown();
        try (SlabAllocator allocator = new SlabAllocator(IDLE_TENSOR_BYTES, false);
                BackendRegistry backends =
                        new BackendRegistry(
                                options.backends().directory(),
                                options.backends().settings(),
                                allocator,
                                Cores.available());
                AgentRegistry agents = new AgentRegistry(options.backends().agents())) {
            ValidationReport report =
                    new RepositoryValidator(
                                    NereidServer.repositoryOptions(options.repository()),
                                    NereidServer.stores(options, shutdown),
                                    backends::backend,
                                    ValidateCommand::checkGraph,
                                    agents.agents())
                            .validate();
            reportFormat().write(report, out);
            out.flush();
            boolean bad = report.errors() > 0 || (strict && report.warnings() > 0);
            return bad ? FINDINGS : CLEAN;
        } catch (StatusException e) {
            return trouble(err, e.text());
        } catch (IOException e) {
            return trouble(err, "cannot write the report: " + e.getMessage());
        } finally {
            shutdown.run();
        }
    }

    private static int trouble(PrintWriter err, String text) {
        err.println("error: " + text);
        err.flush();
        return TROUBLE;
    }

    /** What the server's own command line makes of the same repositories and engines. */
    private ServerOptions options(Map<String, String> environment, Path home) {
        List<String> flags = new ArrayList<>();
        repositories.forEach(repository -> flags.add("--model-repository=" + repository));
        backendSettings.forEach(setting -> flags.add("--backend-config=" + setting));
        configName.ifPresent(name -> flags.add("--model-config-name=" + name));
        backendDirectory.ifPresent(directory -> flags.add("--backend-directory=" + directory));
        agentDirectory.ifPresent(directory -> flags.add("--repoagent-directory=" + directory));
        flags.add("--model-namespacing=" + namespacing);
        if (disableAutoComplete) {
            flags.add("--disable-auto-complete-config");
        }
        ServeCommand serve = new ServeCommand();
        new CommandLine(serve).parseArgs(flags.toArray(String[]::new));
        return serve.options(environment, home);
    }

    private static void checkGraph(
            ModelConfig ensemble,
            BiFunction<String, OptionalLong, Optional<ModelConfig>> members,
            Consumer<StatusException> breaches) {
        EnsembleGraph.check(
                ensemble, step -> members.apply(step.modelName(), step.modelVersion()), breaches);
    }

    private ReportFormat reportFormat() {
        return switch (format) {
            case TEXT -> ReportFormat.text();
            case JSON -> ReportFormat.json();
            case SARIF -> ReportFormat.sarif();
        };
    }
}
