package io.nereid.server.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a script of {@code docker/} with a PATH that a test fills with fake programs. */
final class Script {
    static final Path DOCKER = Path.of("..", "docker").toAbsolutePath().normalize();

    /** What came of a run; {@code lines} is what it printed, in order. */
    record Outcome(int exit, List<String> lines) {}

    private final String name;
    private final Path programs;
    private final Map<String, String> environment = new HashMap<>();

    /**
     * @param programs directory for fake programs
     */
    Script(String name, Path programs) {
        this.name = name;
        this.programs = programs;
    }

    Script with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Puts a program on the PATH. */
    Script program(String program, String... lines) throws IOException {
        Path file = programs.resolve(program);
        Files.writeString(file, "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return this;
    }

    Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                Stream.concat(Stream.of(DOCKER.resolve(name).toString()), Arrays.stream(arguments))
                        .toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", programs + ":/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(name + " did not end");
        }
        return new Outcome(process.exitValue(), output.lines().toList());
    }
}
