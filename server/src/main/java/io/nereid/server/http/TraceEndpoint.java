package io.nereid.server.http;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.JsonView;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.AdminBody;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.JsonText;
import io.nereid.server.trace.TraceControl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Trace settings (HTTP protocol section 8). Used on event loops. */
final class TraceEndpoint {
    private static final String LEVEL = "trace_level";
    private static final List<String> NUMBERS =
            List.of("trace_rate", "trace_count", "log_frequency");

    private final InferenceServer server;
    private final AdminBody bodies;

    TraceEndpoint(InferenceServer server, AdminBody bodies) {
        this.server = server;
        this.bodies = bodies;
    }

    /**
     * @throws StatusException if the model cannot be asked
     */
    void handle(Optional<String> model, String method, HttpExchange exchange) {
        if (model.isPresent()) {
            var _ = server.model(model.get(), OptionalLong.empty());
        }
        if (method.equals("GET")) {
            exchange.reply(settings(model));
        } else {
            bodies.readJson(exchange, json -> update(model, json));
        }
    }

    private HttpReply update(Optional<String> model, JsonView json) {
        if (json.member("trace_file").isPresent()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "trace file location can not be updated through network protocol");
        }
        Map<String, List<String>> changes = new LinkedHashMap<>();
        json.member(LEVEL).ifPresent(levels -> changes.put(LEVEL, levels(levels)));
        for (String name : NUMBERS) {
            json.member(name).ifPresent(value -> changes.put(name, number(value)));
        }
        server.extensions().trace().update(model, changes, TraceControl.Protocol.HTTP);
        return settings(model);
    }

    /** No value clears the setting; a list without levels is none that is traced. */
    private static List<String> levels(JsonView value) {
        if (value.isNull()) {
            return List.of();
        }
        List<String> levels = value.elements().stream().map(JsonView::string).toList();
        return levels.isEmpty() ? List.of("OFF") : levels;
    }

    private static List<String> number(JsonView value) {
        return value.isNull() ? List.of() : List.of(value.string());
    }

    private HttpReply settings(Optional<String> model) {
        Map<String, List<String>> settings = server.extensions().trace().settings(model);
        return HttpReply.json(
                JsonText.write(json -> {
                    json.writeStartObject();
                    for (Map.Entry<String, List<String>> setting : settings.entrySet()) {
                        if (setting.getKey().equals(LEVEL)) {
                            json.writeArrayFieldStart(LEVEL);
                            for (String level : setting.getValue()) {
                                json.writeString(level);
                            }
                            json.writeEndArray();
                        } else {
                            json.writeStringField(
                                    setting.getKey(), String.join(",", setting.getValue()));
                        }
                    }
                    json.writeEndObject();
                }));
    }
}
