package io.nereid.server.main;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import io.nereid.server.logging.JsonText;
import org.slf4j.event.KeyValuePair;

/** A log line as a JSON object. */
final class JsonLogLine {
    private JsonLogLine() {}

    static String of(ILoggingEvent event) {
        StringBuilder text = new StringBuilder(300);
        JsonText json =
                new JsonText(text)
                        .put("time", event.getInstant().toString())
                        .put("level", event.getLevel().toString())
                        .put("thread", event.getThreadName())
                        .put("logger", event.getLoggerName())
                        .put("message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                json.putUnlessEmpty(pair.key, String.valueOf(pair.value));
            }
        }
        if (event.getThrowableProxy() != null) {
            json.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        json.end();
        return text.toString();
    }
}
