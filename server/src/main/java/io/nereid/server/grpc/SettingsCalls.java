package io.nereid.server.grpc;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.TraceSettingRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.TraceSettingResponse;
import io.nereid.server.InferenceServer;
import io.nereid.server.logging.LogControl;
import io.nereid.server.trace.TraceControl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Settings of tracing and of the log (gRPC protocol section 6). */
final class SettingsCalls {
    private static final String TRACE_FILE = "trace_file";
    private static final List<String> SINGLE_TRACE_VALUES =
            List.of("trace_rate", "trace_count", "log_frequency");

    private final InferenceServer server;

    SettingsCalls(InferenceServer server) {
        this.server = server;
    }

    TraceSettingResponse trace(TraceSettingRequest request) {
        Optional<String> model = Optional.of(request.getModelName()).filter(it -> !it.isEmpty());
        model.ifPresent(this::requireModel);
        TraceControl trace = server.extensions().trace();
        if (request.getSettingsCount() > 0) {
            Map<String, List<String>> changes = new LinkedHashMap<>();
            request.getSettingsMap()
                    .forEach((name, value) -> changes.put(name, List.copyOf(value.getValueList())));
            requireSingleValues(changes);
            trace.update(model, changes, TraceControl.Protocol.GRPC);
        }
        TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
        trace.settings(model)
                .forEach((name, values) ->
                        response.putSettings(
                                name,
                                TraceSettingResponse.SettingValue.newBuilder()
                                        .addAllValue(values)
                                        .build()));
        return response.build();
    }

    private void requireModel(String name) {
        try {
            server.model(name, OptionalLong.empty());
        } catch (StatusException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG, "Request for unknown model : " + name, e);
        }
    }

    /** That the file cannot be changed is said before anything else is looked at. */
    private static void requireSingleValues(Map<String, List<String>> changes) {
        if (changes.containsKey(TRACE_FILE)) {
            return;
        }
        for (String name : SINGLE_TRACE_VALUES) {
            if (changes.getOrDefault(name, List.of()).size() > 1) {
                throw StatusException.invalidArgument("expect only 1 value for '" + name + "'");
            }
        }
    }

    /** Settings are applied one after the other; earlier ones stay when a later one is refused. */
    LogSettingsResponse log(LogSettingsRequest request) {
        Map<String, LogSettingsRequest.SettingValue> changes = request.getSettingsMap();
        LogControl log = server.extensions().log();
        if (changes.containsKey("log_file")) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "log file location can not be updated through network protocol");
        }
        for (LogSetting setting : LogSetting.values()) {
            LogSettingsRequest.SettingValue value = changes.get(setting.wireName());
            if (value != null) {
                log.update(setting.changed(log.settings(), value));
            }
        }
        LogControl.Settings settings = log.settings();
        return LogSettingsResponse.newBuilder()
                .putSettings("log_file", text(settings.file()))
                .putSettings("log_info", bool(settings.info()))
                .putSettings("log_warning", bool(settings.warning()))
                .putSettings("log_error", bool(settings.error()))
                .putSettings(
                        "log_verbose_level",
                        LogSettingsResponse.SettingValue.newBuilder()
                                .setUint32Param(settings.verboseLevel())
                                .build())
                .putSettings("log_format", text(settings.format()))
                .build();
    }

    private static LogSettingsResponse.SettingValue text(String value) {
        return LogSettingsResponse.SettingValue.newBuilder().setStringParam(value).build();
    }

    private static LogSettingsResponse.SettingValue bool(boolean value) {
        return LogSettingsResponse.SettingValue.newBuilder().setBoolParam(value).build();
    }
}
