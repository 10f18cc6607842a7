package io.nereid.load;

import io.nereid.load.client.Loop;
import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.ServerApi;
import io.nereid.load.client.Transport;
import io.nereid.load.client.grpc.GrpcServerApi;
import io.nereid.load.client.grpc.GrpcTransport;
import io.nereid.load.client.http.HttpServerApi;
import io.nereid.load.client.http.HttpTransport;
import io.nereid.load.data.InputData;
import io.nereid.load.data.InputLoader;
import io.nereid.load.data.ModelShape;
import io.nereid.load.data.TensorValue;
import io.nereid.load.measure.Lanes;
import io.nereid.load.measure.LevelResult;
import io.nereid.load.measure.Load;
import io.nereid.load.measure.Measurement;
import io.nereid.load.measure.Range;
import io.nereid.load.measure.ServerCounters;
import io.nereid.load.measure.Sweep;
import io.nereid.load.measure.Watcher;
import io.nereid.load.measure.Window;
import io.nereid.load.pace.Course;
import io.nereid.load.pace.RoundRobin;
import io.nereid.load.pace.SequenceCourse;
import io.nereid.load.pace.SequenceIds;
import io.nereid.load.pace.SequencePlan;
import io.nereid.load.report.CsvReport;
import io.nereid.load.report.HtmlReport;
import io.nereid.load.report.ProgressLine;
import io.nereid.load.report.ReportOptions;
import io.nereid.load.report.TextReport;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/** One run of the load generator: asks for the model, sends, reports. Used by the main thread. */
final class Bench {
    /** The same values and distances in every run, so that runs can be compared. */
    private static final long SEED = 20_260_101;

    private final TargetFlags target;
    private final MeasureFlags measure;
    private final DataFlags data;
    private final SequenceFlags sequences;
    private final ReportFlags reports;
    private final PrintWriter out;
    private final ProgressLine progress;
    private final SplittableRandom random = new SplittableRandom(SEED);

    Bench(
            TargetFlags target,
            MeasureFlags measure,
            DataFlags data,
            SequenceFlags sequences,
            ReportFlags reports,
            PrintWriter out,
            boolean terminal) {
        this.target = target;
        this.measure = measure;
        this.data = data;
        this.sequences = sequences;
        this.reports = reports;
        this.out = out;
        this.progress = new ProgressLine(out, terminal);
    }

    /**
     * Measures and reports.
     *
     * @return whether every request was answered
     * @throws StatusException with what keeps it from being measured
     * @throws IOException if a report cannot be written
     */
    boolean run() throws IOException {
        Range range = measure.range();
        try (ServerApi api = api()) {
            ModelShape model =
                    ModelShape.of(api.metadata(target.model(), target.version()), config(api));
            InputData values = InputLoader.load(model, data.options(), random.split());
            checkWay(model);
            try (Regions regions = new Regions(api);
                    AtExit _ = new AtExit("nereid-bench-clean-up", regions::close)) {
                return measured(api, model, values, regions, range);
            }
        }
    }

    private void checkWay(ModelShape model) {
        if (model.decoupled() && !target.streaming()) {
            throw StatusException.invalidArgument(
                    "model '"
                            + model.name()
                            + "' may answer a request any number of times: add -i grpc"
                            + " --streaming");
        }
    }

    private boolean measured(
            ServerApi api, ModelShape model, InputData values, Regions regions, Range range)
            throws IOException {
        ReportOptions options = reportOptions(model);
        TextReport text = new TextReport(out, options);
        text.begin();
        List<Loop> loops = new ArrayList<>();
        try (Transport transport = transport(requests(model, values, regions))) {
            int threads = measure.threads(Runtime.getRuntime().availableProcessors());
            for (int i = 0; i < threads; i++) {
                loops.add(Loop.open());
            }
            Lanes lanes =
                    new Lanes(
                            transport,
                            loops,
                            courses(model, values),
                            measure.mostLanes(),
                            model.sequences()
                                    ? OptionalInt.of(sequences.sequences())
                                    : OptionalInt.empty());
            Measurement measurement =
                    new Measurement(
                            lanes,
                            new ServerCounters(api, model.name(), target.version(), model.steps()),
                            measure.windows(),
                            watcher(text),
                            random.split());
            Optional<String> refusal = measurement.tryOne();
            progress.clear();
            if (refusal.isPresent()) {
                out.println("The first request failed, so nothing was measured: " + refusal.get());
                out.flush();
                return false;
            }
            List<LevelResult> results = new ArrayList<>();
            try {
                new Sweep(range, measure::load, measurement).run(results::add);
            } catch (StatusException e) {
                // What has been measured before is not lost.
                report(text, options, results);
                throw e;
            }
            report(text, options, results);
            return results.stream().allMatch(result -> result.window().tally().failureCount() == 0);
        } finally {
            loops.forEach(Loop::close);
        }
    }

    /** The model's configuration; servers of other kinds have none, and do not batch then. */
    private ModelConfig config(ServerApi api) {
        try {
            return api.config(target.model(), target.version());
        } catch (StatusException e) {
            if (e.code() == StatusCode.NOT_FOUND || e.code() == StatusCode.UNSUPPORTED) {
                return ModelConfig.getDefaultInstance();
            }
            throw e;
        }
    }

    private ServerApi api() {
        return switch (target.protocol()) {
            case HTTP -> new HttpServerApi(target.target(), target.headers());
            case GRPC -> new GrpcServerApi(target.target(), target.headers());
        };
    }

    private Transport transport(RequestSet requests) {
        return switch (target.protocol()) {
            case HTTP -> new HttpTransport(target.target(), requests);
            case GRPC -> new GrpcTransport(target.target(), requests, target.streaming());
        };
    }

    private RequestSet requests(ModelShape model, InputData values, Regions regions) {
        List<List<TensorValue>> requests = values.requests();
        List<List<RequestInput>> inputs;
        List<RequestOutput> outputs = List.of();
        if (data.sharedMemory()) {
            inputs = regions.place(requests);
            outputs = regions.outputs(model, data.batch(), data.outputBytes());
        } else {
            inputs =
                    requests.stream()
                            .map(request ->
                                    request.stream()
                                            .map(value -> new RequestInput(value, Optional.empty()))
                                            .toList())
                            .toList();
        }
        return new RequestSet(
                model.name(),
                target.version(),
                inputs,
                outputs,
                data.jsonInputs(),
                data.jsonOutputs(),
                target.headers(),
                model.decoupled());
    }

    private IntFunction<Course> courses(ModelShape model, InputData values) {
        if (!model.sequences()) {
            int requests = values.requests().size();
            return lane -> new RoundRobin(requests, lane);
        }
        SequenceIds ids = sequences.ids();
        ids.checkRoomFor(measure.rates() ? sequences.sequences() : mostConcurrency());
        SequencePlan plan = sequences.plan(ids, values, data.fromFiles(), random.split());
        return _ -> new SequenceCourse(plan);
    }

    private int mostConcurrency() {
        Range range = measure.range();
        return range.isOpenEnded() ? Integer.MAX_VALUE : (int) range.end();
    }

    private ReportOptions reportOptions(ModelShape model) {
        String title =
                "Model "
                        + model.name()
                        + (target.version().isEmpty() ? "" : " version " + target.version())
                        + " at "
                        + target.target().authority()
                        + " over "
                        + way()
                        + ", batch size "
                        + data.batch();
        return new ReportOptions(
                title,
                data.batch(),
                measure.percentile(),
                measure.rates(),
                model.cached(),
                reports.verbose.length > 0);
    }

    private String way() {
        String memory = data.sharedMemory() ? " and shared memory" : "";
        return switch (target.protocol()) {
            case HTTP -> "HTTP" + (data.jsonInputs() && memory.isEmpty() ? " with JSON" : memory);
            case GRPC -> (target.streaming() ? "gRPC streams" : "gRPC") + memory;
        };
    }

    private Watcher watcher(TextReport text) {
        return new Watcher() {
            @Override
            public void progress(Load load, int window, long nanos, long answers) {
                progress.show(load, window, nanos, answers);
            }

            @Override
            public void measured(Load load, int number, Window window) {
                progress.clear();
                text.window(number, window);
            }

            @Override
            public void finished(LevelResult result) {
                progress.clear();
                text.level(result);
                if (reports.verbose.length > 0) {
                    text.histogram(result);
                }
            }
        };
    }

    private void report(TextReport text, ReportOptions options, List<LevelResult> results)
            throws IOException {
        if (results.isEmpty()) {
            return;
        }
        if (results.size() > 1) {
            text.table(results);
        } else if (reports.verbose.length == 0) {
            text.histogram(results.getFirst());
        }
        if (reports.csv.isPresent()) {
            Files.write(
                    reports.csv.get(), new CsvReport(options, reports.verboseCsv).lines(results));
        }
        if (reports.html.isPresent()) {
            Files.writeString(reports.html.get(), new HtmlReport(options).page(results));
        }
    }
}
