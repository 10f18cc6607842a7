package io.nereid.benchmarks;

import io.nereid.benchmarks.load.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the figures are measured on and with.
 *
 * @param lines of text
 */
record Machine(List<String> lines) {
    private static final double KIB_PER_GIB = 1 << 20;

    static Machine read(Path root) throws IOException {
        long memory = Long.parseLong(find("MemTotal:\\s*(\\d+)", file("/proc/meminfo")));
        String pom = Files.readString(root.resolve("pom.xml"));
        return new Machine(
                List.of(
                        "%d × %s, %d GiB, %s, Linux %s"
                                .formatted(
                                        Runtime.getRuntime().availableProcessors(),
                                        find("model name\\s*:\\s*(.*)", file("/proc/cpuinfo")),
                                        Math.round(memory / KIB_PER_GIB),
                                        find("PRETTY_NAME=\"(.*)\"", file("/etc/os-release")),
                                        System.getProperty("os.version")),
                        "load average before the run: "
                                + find("(\\S+ \\S+ \\S+)", file("/proc/loadavg")),
                        "Nereid %s, Java %s, Netty %s, grpc-java %s, ONNX Runtime %s, DJL %s"
                                .formatted(
                                        shell("git -C '" + root + "' describe --always --dirty"),
                                        System.getProperty("java.vm.version"),
                                        version("netty", pom),
                                        version("grpc", pom),
                                        version("onnxruntime", pom),
                                        version("djl", pom)),
                        "%s, %s, %s"
                                .formatted(
                                        find("(wrk \\S+)", shell("wrk -v")),
                                        shell("h2load --version"),
                                        find("(.*)", shell("gcc --version")))));
    }

    private static String version(String name, String pom) {
        return find("<" + name + "\\.version>(.*?)<", pom);
    }

    private static String file(String name) throws IOException {
        return Files.readString(Path.of(name));
    }

    /** What a command prints, whatever its status: wrk fails when it tells its version. */
    private static String shell(String command) {
        return Programs.output(List.of("sh", "-c", command + " || true")).trim();
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : "unknown";
    }
}
