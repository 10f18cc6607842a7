package io.nereid.server.http;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.JsonView;
import io.nereid.server.logging.LogControl;
import io.nereid.server.logging.LogControl.Settings;
import io.nereid.server.logging.LogFormat;
import io.nereid.server.netty.AdminBody;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.JsonText;
import java.util.Optional;

/** Log settings (HTTP protocol section 9). Used on event loops. */
final class LogEndpoint {
    private final LogControl control;
    private final AdminBody bodies;

    LogEndpoint(LogControl control, AdminBody bodies) {
        this.control = control;
        this.bodies = bodies;
    }

    void handle(String method, HttpExchange exchange) {
        if (method.equals("GET")) {
            exchange.reply(settings());
        } else {
            bodies.readJson(exchange, this::update);
        }
    }

    /** In this order, and what comes before a wrong value stays changed. */
    private HttpReply update(JsonView json) {
        if (given(json, "log_file").isPresent()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "log file location can not be updated through network protocol");
        }
        given(json, "log_info")
                .map(JsonView::bool)
                .ifPresent(on -> {
                    Settings now = control.settings();
                    control.update(with(now, on, now.warning(), now.error()));
                });
        given(json, "log_warning")
                .map(JsonView::bool)
                .ifPresent(on -> {
                    Settings now = control.settings();
                    control.update(with(now, now.info(), on, now.error()));
                });
        given(json, "log_error")
                .map(JsonView::bool)
                .ifPresent(on -> {
                    Settings now = control.settings();
                    control.update(with(now, now.info(), now.warning(), on));
                });
        given(json, "log_verbose_level")
                .map(LogEndpoint::level)
                .ifPresent(level -> {
                    Settings now = control.settings();
                    control.update(with(now, level, now.format()));
                });
        given(json, "log_format")
                .map(LogEndpoint::format)
                .ifPresent(format -> {
                    Settings now = control.settings();
                    control.update(with(now, now.verboseLevel(), format));
                });
        return settings();
    }

    private static Optional<JsonView> given(JsonView json, String name) {
        return json.member(name).filter(value -> !value.isNull());
    }

    private static int level(JsonView value) {
        long level = value.unsigned();
        return level < 0 ? Integer.MAX_VALUE : (int) Math.min(level, Integer.MAX_VALUE);
    }

    private static String format(JsonView value) {
        String format = value.string();
        if (LogFormat.of(format).isEmpty()) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE, "invalid argument for --log_format, got: " + format);
        }
        return format;
    }

    private static Settings with(Settings now, boolean info, boolean warning, boolean error) {
        return new Settings(now.file(), info, warning, error, now.verboseLevel(), now.format());
    }

    private static Settings with(Settings now, int verboseLevel, String format) {
        return new Settings(
                now.file(), now.info(), now.warning(), now.error(), verboseLevel, format);
    }

    private HttpReply settings() {
        Settings now = control.settings();
        return HttpReply.json(
                JsonText.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("log_file", now.file());
                    json.writeBooleanField("log_info", now.info());
                    json.writeBooleanField("log_warning", now.warning());
                    json.writeBooleanField("log_error", now.error());
                    json.writeNumberField("log_verbose_level", now.verboseLevel());
                    json.writeStringField("log_format", now.format());
                    json.writeEndObject();
                }));
    }
}
