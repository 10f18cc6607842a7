package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.server.netty.JsonText;
import io.nereid.server.statistics.ModelStatistics;
import io.nereid.server.statistics.ModelStatistics.Duration;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The JSON of what models have done (HTTP protocol section 7). */
final class StatisticsJson {
    private StatisticsJson() {}

    static byte[] write(List<ModelStatistics> models) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("model_stats");
            for (ModelStatistics model : models) {
                model(json, model);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void model(JsonGenerator json, ModelStatistics model) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", model.name());
        json.writeStringField("version", Long.toString(model.version()));
        json.writeNumberField("last_inference", model.lastInferenceMillis());
        json.writeNumberField("inference_count", model.inferenceCount());
        json.writeNumberField("execution_count", model.executionCount());
        requests(json, model.requests());
        responses(json, model.responses());
        batches(json, model.batches());
        memory(json, model.memory());
        if (!model.steps().isEmpty()) {
            steps(json, model.steps());
        }
        json.writeEndObject();
    }

    private static void requests(JsonGenerator json, ModelStatistics.Requests requests)
            throws IOException {
        json.writeObjectFieldStart("inference_stats");
        duration(json, "success", requests.success());
        duration(json, "fail", requests.fail());
        duration(json, "queue", requests.queue());
        duration(json, "compute_input", requests.computeInput());
        duration(json, "compute_infer", requests.computeInfer());
        duration(json, "compute_output", requests.computeOutput());
        duration(json, "cache_hit", requests.cacheHit());
        duration(json, "cache_miss", requests.cacheMiss());
        json.writeEndObject();
    }

    private static void responses(
            JsonGenerator json, Map<Integer, ModelStatistics.Responses> responses)
            throws IOException {
        json.writeObjectFieldStart("response_stats");
        for (Map.Entry<Integer, ModelStatistics.Responses> entry : responses.entrySet()) {
            ModelStatistics.Responses response = entry.getValue();
            json.writeObjectFieldStart(Integer.toString(entry.getKey()));
            duration(json, "compute_infer", response.computeInfer());
            duration(json, "compute_output", response.computeOutput());
            duration(json, "success", response.success());
            duration(json, "fail", response.fail());
            duration(json, "empty_response", response.emptyResponse());
            duration(json, "cancel", response.cancel());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void batches(JsonGenerator json, List<ModelStatistics.Batches> batches)
            throws IOException {
        json.writeArrayFieldStart("batch_stats");
        for (ModelStatistics.Batches batch : batches) {
            json.writeStartObject();
            json.writeNumberField("batch_size", batch.batchSize());
            duration(json, "compute_input", batch.computeInput());
            duration(json, "compute_infer", batch.computeInfer());
            duration(json, "compute_output", batch.computeOutput());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void memory(JsonGenerator json, List<ModelStatistics.Memory> memory)
            throws IOException {
        json.writeArrayFieldStart("memory_usage");
        for (ModelStatistics.Memory used : memory) {
            json.writeStartObject();
            json.writeStringField("type", used.type());
            json.writeNumberField("id", used.id());
            json.writeNumberField("byte_size", used.byteSize());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** An addition: what the steps of an ensemble have done, once there is something to tell. */
    private static void steps(JsonGenerator json, List<ModelStatistics.Step> steps)
            throws IOException {
        json.writeObjectFieldStart("ensemble_stats");
        json.writeArrayFieldStart("steps");
        for (ModelStatistics.Step step : steps) {
            long count = step.count();
            json.writeStartObject();
            json.writeNumberField("step", step.step().index());
            json.writeStringField("model", step.step().model());
            json.writeStringField("version", Long.toString(step.step().version()));
            duration(json, "queue", new Duration(count, step.queueNanos()));
            duration(json, "compute_input", new Duration(count, step.compute().input()));
            duration(json, "compute_infer", new Duration(count, step.compute().infer()));
            duration(json, "compute_output", new Duration(count, step.compute().output()));
            duration(json, "total", new Duration(count, step.totalNanos()));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void duration(JsonGenerator json, String name, Duration duration)
            throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("count", duration.count());
        json.writeNumberField("ns", duration.nanos());
        json.writeEndObject();
    }
}
