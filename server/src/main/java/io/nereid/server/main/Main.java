package io.nereid.server.main;

import io.nereid.load.BenchCommand;
import io.nereid.protocol.StatusException;
import io.nereid.server.ServerOptions;
import io.nereid.server.logging.LogControl;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Reads the command line, starts a server and stops it on a signal or when a client asks. */
public final class Main {
    private static final int FAILURE = 1;

    private final Path home;
    private final PrintWriter out = LogSettings.output();
    private final PrintWriter err = LogSettings.errors();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Main(Path home) {
        this.home = home;
    }

    /**
     * Runs a command.
     *
     * @param args a command and its flags; see {@code --help}
     */
    public static void main(String[] args) {
        String home = System.getProperty("nereid.home");
        if (home == null) {
            throw new IllegalStateException("start this with the launcher: it sets nereid.home");
        }
        new Main(Path.of(home)).run(List.of(args));
    }

    /** Everything that the command line understands. */
    static CommandLine commandLine() {
        CommandLine root = new CommandLine(new Root());
        root.addSubcommand(new ServeCommand());
        root.addSubcommand(new ValidateCommand());
        root.addSubcommand(new DemoCommand());
        root.addSubcommand(new BenchCommand());
        root.addSubcommand(new WarmCommand());
        root.getCommandSpec().versionProvider(Main::version);
        root.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().versionProvider(Main::version));
        root.setAbbreviatedOptionsAllowed(true);
        root.setOverwrittenOptionsAllowed(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    private static String[] version() {
        String jar = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "nereid %s, with the interface of Triton %s, on Java %s"
                    .formatted(
                            jar == null ? "without a version" : jar,
                            StartupTables.VERSION,
                            Runtime.version())
        };
    }

    @Command(
            name = "nereid",
            description = "An inference server that takes the place of Triton Inference Server.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    private static final class Root {}

    /** What a server is started with. */
    private record Start(ServeCommand command, LogSettings log, ServerOptions options) {}

    private void run(List<String> args) {
        if (!args.isEmpty() && args.getFirst().equals("serve")) {
            Optional<Start> plain = plainly(args.subList(1, args.size()));
            if (plain.isPresent()) {
                serve(plain.get());
                return;
            }
        }
        CommandLine commandLine = commandLine();
        try {
            ParseResult parsed = commandLine.parseArgs(args.toArray(String[]::new));
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                exit(help);
            }
            if (!parsed.hasSubcommand()) {
                throw new ParameterException(
                        commandLine, "a command is needed: serve, validate, demo, bench or warm");
            }
            execute(parsed.subcommand().commandSpec().userObject());
        } catch (ParameterException e) {
            e.getCommandLine().usage(err);
            err.println(e.getMessage());
            err.flush();
            exit(troubleOf(e.getCommandLine().getCommand()));
        }
    }

    /** The exit status of a command line that is wrong. */
    private static int troubleOf(Object command) {
        return switch (command) {
            case ValidateCommand _ -> ValidateCommand.TROUBLE;
            case BenchCommand _ -> BenchCommand.TROUBLE;
            default -> FAILURE;
        };
    }

    private void execute(Object command) {
        if (command instanceof ServeCommand serve) {
            serve(start(serve));
            return;
        }
        if (command instanceof ValidateCommand validate) {
            LogSettings.SILENT.apply();
            exit(validate.run(System.getenv(), home, out, err));
        }
        if (command instanceof BenchCommand bench) {
            LogSettings.SILENT.apply();
            boolean terminal =
                    Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
            exit(bench.run(out, err, terminal));
        }
        if (command instanceof WarmCommand warm) {
            warm(warm);
            return;
        }
        demo((DemoCommand) command);
    }

    private void demo(DemoCommand command) {
        NereidServer server = serve(command.serverArguments(home));
        try {
            DemoCommand.sendPicture(home, server.httpPort(), out);
        } catch (IOException e) {
            fail("the example request failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void warm(WarmCommand command) {
        NereidServer server = serve(command.serverArguments(home));
        try {
            command.train(server, home);
        } catch (IOException e) {
            fail("the training run failed: " + e.getMessage());
        }
        stop(server, "Trained.");
    }

    private NereidServer serve(List<String> flags) {
        return serve(
                plainly(flags).orElseThrow(() -> new IllegalStateException("not plain: " + flags)));
    }

    /** How an everyday command line starts a server; empty if picocli has to read it. */
    private Optional<Start> plainly(List<String> flags) {
        ServeCommand command = new ServeCommand();
        if (!PlainFlags.read(command, flags)) {
            return Optional.empty();
        }
        try {
            return Optional.of(start(command));
        } catch (IllegalArgumentException | TypeConversionException e) {
            // Picocli comes to the same mistake, and shows it with the usage.
            return Optional.empty();
        }
    }

    private Start start(ServeCommand command) {
        return new Start(command, command.logSettings(), command.options(System.getenv(), home));
    }

    private NereidServer serve(Start start) {
        LogControl log = start.log().apply();
        try {
            NereidServer server =
                    NereidServer.start(start.options(), log, start.command().accessLog());
            StopSignals.install(signal -> stop(server, "Signal (" + signal + ") received."));
            var _ =
                    server.stopAsked()
                            .thenRun(() ->
                                    Thread.ofPlatform()
                                            .name("nereid-stop")
                                            .start(() -> stop(server, "Asked to drain.")));
            return server;
        } catch (StatusException e) {
            fail("creating server: " + e.code().label() + " - " + e.text());
            throw e;
        }
    }

    /** Once, for whatever reason came first. */
    private void stop(NereidServer server, String reason) {
        if (!stopping.compareAndSet(false, true)) {
            return;
        }
        out.println(reason);
        try {
            server.close();
        } catch (StatusException e) {
            err.println("failed to stop server: " + e.code().label() + " - " + e.text());
            // Requests still run: whoever waits for them would wait for ever.
            Runtime.getRuntime().halt(FAILURE);
        }
        exit(0);
    }

    private void fail(String text) {
        err.println("error: " + text);
        exit(FAILURE);
    }

    private static void exit(int status) {
        System.exit(status);
    }
}
