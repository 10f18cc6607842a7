package io.nereid.backend.dali;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** One version of a pipeline: the compiled graph, shared by all instances. */
final class DaliModel implements BackendModel {
    private static final String NUM_THREADS = "num_threads";
    private static final String SPLIT = "split_along_outer_axis";

    private final ModelConfig config;
    private final Pipeline pipeline;
    private final BackendEnvironment environment;
    private final WorkerPool pool;
    private final int threads;
    private final Set<String> merged;

    /**
     * @throws StatusException INVALID_ARG if configuration and pipeline disagree
     */
    DaliModel(
            ModelConfig config,
            Pipeline pipeline,
            BackendEnvironment environment,
            WorkerPool pool) {
        this.config = config;
        this.pipeline = pipeline;
        this.environment = environment;
        this.pool = pool;
        this.threads = Math.min(threads(config, pipeline), Math.max(1, environment.cores()));
        this.merged = merged(config);
        ConfigChecks.check(config, pipeline, merged);
    }

    @Override
    public ModelInstance openInstance(InstanceSpec spec) {
        return new DaliInstance(
                config,
                pipeline,
                new OutputBlocks(config, environment.allocator(), merged),
                pool.limitedTo(threads));
    }

    @Override
    public void close() {}

    /** Upper bound for one instance: the parameter, else what the file says (section 4.2). */
    private static int threads(ModelConfig config, Pipeline pipeline) {
        String text = config.parameters().getOrDefault(NUM_THREADS, "-1").strip();
        try {
            int threads = Integer.parseInt(text);
            if (threads >= 1) {
                return threads;
            }
            if (threads == -1) {
                return pipeline.numThreads();
            }
        } catch (NumberFormatException e) {
            throw (StatusException) badThreads(text).initCause(e);
        }
        throw badThreads(text);
    }

    private static StatusException badThreads(String text) {
        return StatusException.invalidArgument(
                "parameter '"
                        + NUM_THREADS
                        + "' must be a positive number or -1, found '"
                        + text
                        + "'");
    }

    private static Set<String> merged(ModelConfig config) {
        String names = config.parameters().getOrDefault(SPLIT, "").strip();
        if (names.isEmpty()) {
            return Set.of();
        }
        Set<String> merged = new HashSet<>(Arrays.asList(names.split(":", -1)));
        for (String name : merged) {
            if (config.output(name).isEmpty()) {
                throw StatusException.invalidArgument(
                        "parameter '" + SPLIT + "' names the unknown output '" + name + "'");
            }
        }
        return Set.copyOf(merged);
    }
}
