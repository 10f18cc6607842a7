package io.nereid.load;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is written besides the text. */
final class ReportFlags {
    @Option(
            names = "-f",
            paramLabel = "<path>",
            description = "Write a CSV file with perf_analyzer's columns.")
    Optional<Path> csv = Optional.empty();

    @Option(
            names = "--verbose-csv",
            description = "More columns: mean latency, and how the client spent it.")
    boolean verboseCsv;

    @Option(
            names = "--html",
            paramLabel = "<path>",
            description = "Write a page with charts; it needs nothing from the network.")
    Optional<Path> html = Optional.empty();

    @Option(names = "-v", description = "Say more: each window, and the histogram of each load.")
    boolean[] verbose = new boolean[0];
}
