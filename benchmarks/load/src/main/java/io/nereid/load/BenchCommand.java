package io.nereid.load;

import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command line of the load generator, with the options of perf_analyzer. */
@Command(
        name = "bench",
        description = {
            "Sends requests to a model as clients would, and measures throughput and latency.",
            "",
            "  nereid bench localhost:8000 MODEL --concurrency-range 1:16:5",
            "  nereid bench grpc://localhost:8001 MODEL --request-rate-range 500",
            "",
            "Exit status: 0 measured, 1 requests failed, 2 nothing could be measured.",
            ""
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class BenchCommand {
    /** Everything was answered. */
    public static final int MEASURED = 0;

    /** Requests failed. */
    public static final int FAILED = 1;

    /** The command line is wrong, or the server or the model is not there. */
    public static final int TROUBLE = 2;

    @Mixin private final TargetFlags target = new TargetFlags();
    @Mixin private final MeasureFlags measure = new MeasureFlags();
    @Mixin private final DataFlags data = new DataFlags();
    @Mixin private final SequenceFlags sequences = new SequenceFlags();
    @Mixin private final ReportFlags reports = new ReportFlags();

    /** A command that has not been parsed yet. */
    public BenchCommand() {}

    /**
     * Measures, and prints what is found.
     *
     * @param terminal whether somebody sees {@code out} while it is written
     * @return exit status
     */
    public int run(PrintWriter out, PrintWriter err, boolean terminal) {
        try {
            return new Bench(target, measure, data, sequences, reports, out, terminal).run()
                    ? MEASURED
                    : FAILED;
        } catch (StatusException e) {
            err.println("error: " + e.text());
        } catch (IOException e) {
            err.println("error: cannot write the report: " + e.getMessage());
        }
        err.flush();
        return TROUBLE;
    }
}
