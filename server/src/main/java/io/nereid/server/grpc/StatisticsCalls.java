package io.nereid.server.grpc;

import io.nereid.protocol.grpc.ModelVersions;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferBatchStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferResponseStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.MemoryUsage;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatisticsRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatisticsResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.StatisticDuration;
import io.nereid.server.InferenceServer;
import io.nereid.server.statistics.ModelStatistics;
import java.util.OptionalLong;

/** What models have done, as messages (gRPC protocol section 6). */
final class StatisticsCalls {
    private final InferenceServer server;

    StatisticsCalls(InferenceServer server) {
        this.server = server;
    }

    /** A version says nothing without a name. */
    ModelStatisticsResponse statistics(ModelStatisticsRequest request) {
        OptionalLong version = ModelVersions.parse(request.getVersion());
        ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
        server.statistics(
                        request.getName(),
                        request.getName().isEmpty() ? OptionalLong.empty() : version)
                .forEach(model -> response.addModelStats(message(model)));
        return response.build();
    }

    private static GrpcServiceProto.ModelStatistics message(ModelStatistics model) {
        GrpcServiceProto.ModelStatistics.Builder message =
                GrpcServiceProto.ModelStatistics.newBuilder()
                        .setName(model.name())
                        .setVersion(Long.toString(model.version()))
                        .setLastInference(model.lastInferenceMillis())
                        .setInferenceCount(model.inferenceCount())
                        .setExecutionCount(model.executionCount())
                        .setInferenceStats(message(model.requests()));
        model.responses()
                .forEach((index, responses) ->
                        message.putResponseStats(Integer.toString(index), message(responses)));
        model.batches().forEach(batches -> message.addBatchStats(message(batches)));
        for (ModelStatistics.Memory memory : model.memory()) {
            message.addMemoryUsage(
                    MemoryUsage.newBuilder()
                            .setType(memory.type())
                            .setId(memory.id())
                            .setByteSize(memory.byteSize()));
        }
        return message.build();
    }

    private static InferStatistics message(ModelStatistics.Requests requests) {
        return InferStatistics.newBuilder()
                .setSuccess(message(requests.success()))
                .setFail(message(requests.fail()))
                .setQueue(message(requests.queue()))
                .setComputeInput(message(requests.computeInput()))
                .setComputeInfer(message(requests.computeInfer()))
                .setComputeOutput(message(requests.computeOutput()))
                .setCacheHit(message(requests.cacheHit()))
                .setCacheMiss(message(requests.cacheMiss()))
                .build();
    }

    private static InferResponseStatistics message(ModelStatistics.Responses responses) {
        return InferResponseStatistics.newBuilder()
                .setComputeInfer(message(responses.computeInfer()))
                .setComputeOutput(message(responses.computeOutput()))
                .setSuccess(message(responses.success()))
                .setFail(message(responses.fail()))
                .setEmptyResponse(message(responses.emptyResponse()))
                .setCancel(message(responses.cancel()))
                .build();
    }

    private static InferBatchStatistics message(ModelStatistics.Batches batches) {
        return InferBatchStatistics.newBuilder()
                .setBatchSize(batches.batchSize())
                .setComputeInput(message(batches.computeInput()))
                .setComputeInfer(message(batches.computeInfer()))
                .setComputeOutput(message(batches.computeOutput()))
                .build();
    }

    private static StatisticDuration message(ModelStatistics.Duration duration) {
        return StatisticDuration.newBuilder()
                .setCount(duration.count())
                .setNs(duration.nanos())
                .build();
    }
}
