package io.nereid.server.grpc;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsRequest.SettingValue;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.LogSettingsRequest.SettingValue.ParameterChoiceCase;
import io.nereid.server.logging.LogControl.Settings;
import io.nereid.server.logging.LogFormat;
import java.util.Locale;

/** Settings of the log that a client may change, in the order in which they are applied. */
enum LogSetting {
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR,
    LOG_VERBOSE_LEVEL,
    LOG_FORMAT;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The settings with this one changed.
     *
     * @throws StatusException INVALID_ARG if the value has another type or is no format
     */
    Settings changed(Settings old, SettingValue value) {
        return switch (this) {
            case LOG_INFO -> flags(old, bool(value), old.warning(), old.error());
            case LOG_WARNING -> flags(old, old.info(), bool(value), old.error());
            case LOG_ERROR -> flags(old, old.info(), old.warning(), bool(value));
            case LOG_VERBOSE_LEVEL ->
                    new Settings(
                            old.file(),
                            old.info(),
                            old.warning(),
                            old.error(),
                            level(value),
                            old.format());
            case LOG_FORMAT ->
                    new Settings(
                            old.file(),
                            old.info(),
                            old.warning(),
                            old.error(),
                            old.verboseLevel(),
                            format(value));
        };
    }

    private static Settings flags(Settings old, boolean info, boolean warning, boolean error) {
        return new Settings(old.file(), info, warning, error, old.verboseLevel(), old.format());
    }

    private boolean bool(SettingValue value) {
        require(value, ParameterChoiceCase.BOOL_PARAM, "boolean");
        return value.getBoolParam();
    }

    /** An unsigned number; what no int holds is as verbose as the largest that one does. */
    private int level(SettingValue value) {
        require(value, ParameterChoiceCase.UINT32_PARAM, "int32");
        return value.getUint32Param() < 0 ? Integer.MAX_VALUE : value.getUint32Param();
    }

    private String format(SettingValue value) {
        require(value, ParameterChoiceCase.STRING_PARAM, "string");
        if (LogFormat.of(value.getStringParam()).isEmpty()) {
            throw StatusException.invalidArgument(
                    "invalid argument for log_format, got: " + value.getStringParam());
        }
        return value.getStringParam();
    }

    private void require(SettingValue value, ParameterChoiceCase expected, String expectedName) {
        if (value.getParameterChoiceCase() != expected) {
            throw StatusException.invalidArgument(
                    "expect " + expectedName + " for '" + wireName() + "'");
        }
    }
}
