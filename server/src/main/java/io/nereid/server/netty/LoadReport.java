package io.nereid.server.netty;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells load balancers how full a model's key-value cache is, in a header of generate answers (HTTP
 * protocol section 17, ORCA).
 */
public final class LoadReport {
    private static final Logger log = LoggerFactory.getLogger(LoadReport.class);

    /** The request's header that asks for a report. */
    static final String FORMAT_HEADER = "endpoint-load-metrics-format";

    /** The answer's header. */
    static final String HEADER = "endpoint-load-metrics";

    private static final String UTILIZATION = "kv_cache_utilization";
    private static final String CAPACITY = "max_token_capacity";

    /** Values of the metric family {@code nv_trt_llm_kv_cache_block_metrics}. Any thread. */
    @FunctionalInterface
    public interface CacheBlocks {
        /** For servers whose engines publish no such family. */
        CacheBlocks NONE = _ -> OptionalDouble.empty();

        /**
         * The value with that label {@code kv_cache_block_type}. Must not block.
         *
         * @param type {@code tokens_per}, {@code used} or {@code max}
         */
        OptionalDouble value(String type);
    }

    private LoadReport() {}

    /**
     * The header's value; empty if the format is not known or a figure is missing.
     *
     * @param format {@code text} or {@code json}
     */
    static Optional<String> of(String format, CacheBlocks cache) {
        OptionalDouble perBlock = cache.value("tokens_per");
        OptionalDouble used = cache.value("used");
        OptionalDouble max = cache.value("max");
        if (perBlock.isEmpty() || used.isEmpty() || max.isEmpty() || max.getAsDouble() <= 0) {
            log.debug("no load report: the figures of the key-value cache are not known");
            return Optional.empty();
        }
        double utilization = used.getAsDouble() / max.getAsDouble();
        long capacity = (long) (max.getAsDouble() * perBlock.getAsDouble());
        return switch (format) {
            case "text" -> Optional.of(text(utilization, capacity));
            case "json" -> Optional.of(json(utilization, capacity));
            default -> {
                log.debug("no load report in the unknown format '{}'", format);
                yield Optional.empty();
            }
        };
    }

    private static String text(double utilization, long capacity) {
        return String.format(
                Locale.ROOT,
                "TEXT named_metrics.%s=%f, named_metrics.%s=%d",
                UTILIZATION,
                utilization,
                CAPACITY,
                capacity);
    }

    private static String json(double utilization, long capacity) {
        byte[] json =
                JsonText.write(out -> {
                    out.writeStartObject();
                    out.writeObjectFieldStart("named_metrics");
                    out.writeNumberField(UTILIZATION, utilization);
                    out.writeNumberField(CAPACITY, capacity);
                    out.writeEndObject();
                    out.writeEndObject();
                });
        return "JSON " + new String(json, StandardCharsets.UTF_8);
    }
}
