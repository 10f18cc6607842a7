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

/** Reads the command line, starts a server and stops it on a signal or when a client asks. */
public final class Main {
    private static final int FAILURE = 1;

    private final Path home;
    private final CommandLine commandLine = commandLine();
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
        root.setAbbreviatedOptionsAllowed(true);
        root.setOverwrittenOptionsAllowed(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    @Command(
            name = "nereid",
            description = "An inference server that takes the place of Triton Inference Server.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    private static final class Root {}

    private void run(List<String> args) {
        try {
            ParseResult parsed = commandLine.parseArgs(args.toArray(String[]::new));
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                exit(help);
            }
            if (!parsed.hasSubcommand()) {
                throw new ParameterException(
                        commandLine, "a command is needed: serve, validate, demo or bench");
            }
            execute(parsed.subcommand().commandSpec().userObject());
        } catch (ParameterException e) {
            PrintWriter err = commandLine.getErr();
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
            serve(serve);
            return;
        }
        if (command instanceof ValidateCommand validate) {
            LogSettings.SILENT.apply();
            exit(validate.run(System.getenv(), home, commandLine.getOut(), commandLine.getErr()));
        }
        if (command instanceof BenchCommand bench) {
            LogSettings.SILENT.apply();
            boolean terminal =
                    Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
            exit(bench.run(commandLine.getOut(), commandLine.getErr(), terminal));
        }
        DemoCommand demo = (DemoCommand) command;
        ServeCommand serve = new ServeCommand();
        new CommandLine(serve).parseArgs(demo.serverArguments(home).toArray(String[]::new));
        NereidServer server = serve(serve);
        try {
            DemoCommand.sendPicture(home, server.httpPort(), commandLine.getOut());
        } catch (IOException e) {
            fail("the example request failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private NereidServer serve(ServeCommand command) {
        LogControl log = command.logSettings().apply();
        ServerOptions options = command.options(System.getenv(), home);
        try {
            NereidServer server = NereidServer.start(options, log, command.accessLog());
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
        commandLine.getOut().println(reason);
        commandLine.getOut().flush();
        try {
            server.close();
        } catch (StatusException e) {
            commandLine
                    .getErr()
                    .println("failed to stop server: " + e.code().label() + " - " + e.text());
            commandLine.getErr().flush();
            // Requests still run: whoever waits for them would wait for ever.
            Runtime.getRuntime().halt(FAILURE);
        }
        exit(0);
    }

    private void fail(String text) {
        commandLine.getErr().println("error: " + text);
        commandLine.getErr().flush();
        exit(FAILURE);
    }

    private static void exit(int status) {
        System.exit(status);
    }
}
