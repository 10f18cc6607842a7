package io.nereid.server.trace.otel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How spans are sent (metrics section 12).
 *
 * @param url of the receiver
 * @param resource attributes of the server
 * @param maxQueueSize most spans that wait
 * @param scheduleDelay longest time that a span waits for others
 * @param maxBatchSize most spans that are sent together
 */
record ExportOptions(
        String url,
        Map<String, String> resource,
        int maxQueueSize,
        Duration scheduleDelay,
        int maxBatchSize) {
    private static final String DEFAULT_URL = "http://localhost:4318/v1/traces";
    private static final String SERVICE_NAME = "service.name";
    private static final String DEFAULT_SERVICE = "triton-inference-server";

    /**
     * @param options by the names of {@code --trace-config opentelemetry,}; numbers were checked
     */
    static ExportOptions of(Map<String, String> options) {
        String url = options.getOrDefault("url", DEFAULT_URL);
        int maxQueueSize = number(options, "bsp_max_queue_size", 2048);
        return new ExportOptions(
                url.contains("://") ? url : "http://" + url,
                attributes(options.getOrDefault("resource", "")),
                maxQueueSize,
                Duration.ofMillis(number(options, "bsp_schedule_delay", 5000)),
                Math.min(maxQueueSize, number(options, "bsp_max_export_batch_size", 512)));
    }

    private static int number(Map<String, String> options, String name, int otherwise) {
        String text = options.getOrDefault(name, "");
        return text.isEmpty() ? otherwise : Integer.parseInt(text.strip());
    }

    /** Of an attribute that is given twice the last counts. */
    private static Map<String, String> attributes(String text) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put(SERVICE_NAME, DEFAULT_SERVICE);
        for (String each : text.split(",")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                attributes.put(
                        each.substring(0, equals).strip(),
                        // a plus stands for itself
                        URLDecoder.decode(
                                each.substring(equals + 1).strip().replace("+", "%2B"), UTF_8));
            }
        }
        return attributes;
    }

    /** The description that goes along with every batch. */
    static Resource resource(Map<String, String> attributes) {
        AttributesBuilder builder = Attributes.builder();
        attributes.forEach(builder::put);
        return Resource.getDefault().merge(Resource.create(builder.build()));
    }

    /** Collects spans and sends them; to be closed. */
    SpanProcessor processor() {
        return BatchSpanProcessor.builder(
                        new ToldExporter(
                                OtlpHttpSpanExporter.builder().setEndpoint(url).build(), url))
                .setMaxQueueSize(maxQueueSize)
                .setScheduleDelay(scheduleDelay)
                .setMaxExportBatchSize(maxBatchSize)
                .build();
    }
}
