package io.nereid.load.measure;

import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the server's time went, of a model or of the models that an ensemble asks.
 *
 * @param requests answered requests
 * @param inferences rows of their batches
 * @param executions batches
 * @param cacheHits requests that were answered from a cache
 * @param times of all requests together
 * @param steps the same for each model that an ensemble asks
 */
public record ServerSplit(
        long requests,
        long inferences,
        long executions,
        long cacheHits,
        ServerTimes times,
        Map<String, ServerSplit> steps) {

    /** Nothing. */
    public static final ServerSplit NONE = new ServerSplit(0, 0, 0, 0, ServerTimes.NONE, Map.of());

    /** The counters of all versions of a model, since they were loaded. */
    static ServerSplit of(List<ModelStatistics> versions) {
        return versions.stream().map(ServerSplit::of).reduce(NONE, ServerSplit::plus);
    }

    private static ServerSplit of(ModelStatistics version) {
        InferStatistics stats = version.getInferenceStats();
        return new ServerSplit(
                stats.getSuccess().getCount(),
                version.getInferenceCount(),
                version.getExecutionCount(),
                stats.getCacheHit().getCount(),
                new ServerTimes(
                        stats.getQueue().getNs(),
                        stats.getComputeInput().getNs(),
                        stats.getComputeInfer().getNs(),
                        stats.getComputeOutput().getNs(),
                        stats.getCacheHit().getNs(),
                        stats.getCacheMiss().getNs()),
                Map.of());
    }

    /** The same with what is known of the models that an ensemble asks. */
    ServerSplit withSteps(Map<String, ServerSplit> models) {
        return new ServerSplit(requests, inferences, executions, cacheHits, times, models);
    }

    /** Both together. */
    ServerSplit plus(ServerSplit other) {
        return combined(1, other);
    }

    /** What has happened since {@code before}. */
    ServerSplit since(ServerSplit before) {
        return combined(-1, before);
    }

    private ServerSplit combined(int sign, ServerSplit other) {
        Map<String, ServerSplit> both = new TreeMap<>(steps);
        other.steps.forEach(
                (name, step) -> both.put(name, both.getOrDefault(name, NONE).combined(sign, step)));
        return new ServerSplit(
                requests + sign * other.requests,
                inferences + sign * other.inferences,
                executions + sign * other.executions,
                cacheHits + sign * other.cacheHits,
                times.plus(sign, other.times),
                both);
    }

    /** Rows of a batch in the mean. */
    public double meanBatch() {
        return executions == 0 ? 0 : (double) inferences / executions;
    }

    /**
     * The parts of a request's time in the mean; those of an ensemble are its models' together, one
     * after the other even where they run side by side.
     */
    public ServerTimes means() {
        ServerTimes sum = ServerTimes.NONE;
        if (requests == 0) {
            return sum;
        }
        if (steps.isEmpty()) {
            return sum.plus(1.0 / requests, times);
        }
        for (ServerSplit step : steps.values()) {
            sum = sum.plus(1.0 / requests, step.times);
        }
        return sum;
    }
}
