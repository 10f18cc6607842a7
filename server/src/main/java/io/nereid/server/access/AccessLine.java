package io.nereid.server.access;

import io.nereid.protocol.ComputeNanos;
import io.nereid.server.logging.JsonText;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * One line of the access log.
 *
 * @param time when the call began
 * @param method of HTTP
 * @param target path or full name of the method
 * @param client its address
 * @param status of HTTP, or the name of the gRPC code
 * @param modelName empty if no model was asked
 * @param requestId empty if the client gave none
 * @param traceId empty if there is none
 * @param received bytes of the request's body
 * @param sent bytes of the answer's body
 * @param queueNanos from the queue to the execution
 * @param compute what the execution took
 * @param totalNanos from the begin of the call to its end
 */
record AccessLine(
        Instant time,
        String protocol,
        String method,
        String target,
        String client,
        String status,
        String modelName,
        long modelVersion,
        String requestId,
        String traceId,
        long received,
        long sent,
        long queueNanos,
        ComputeNanos compute,
        long totalNanos) {

    /** As a JSON object. */
    String json() {
        StringBuilder text = new StringBuilder(400);
        JsonText json =
                new JsonText(text)
                        .put("time", time.toString())
                        .put("client", client)
                        .put("protocol", protocol)
                        .put("method", method)
                        .put("target", target)
                        .put("status", status)
                        .put("received_bytes", received)
                        .put("sent_bytes", sent);
        if (!modelName.isEmpty()) {
            json.put("model", modelName)
                    .put("version", modelVersion)
                    .put("queue_us", micros(queueNanos))
                    .put("compute_input_us", micros(compute.input()))
                    .put("compute_infer_us", micros(compute.infer()))
                    .put("compute_output_us", micros(compute.output()));
        }
        json.put("total_us", micros(totalNanos))
                .putUnlessEmpty("request_id", requestId)
                .putUnlessEmpty("trace_id", traceId)
                .end();
        return text.toString();
    }

    /** As text; what a client may have chosen is in quotes and escaped. */
    String plain() {
        StringBuilder text = new StringBuilder(300);
        text.append(time).append(' ').append(client).append(' ').append(protocol).append(' ');
        JsonText.quote(method + " " + target, text);
        text.append(' ').append(status);
        text.append(" received=").append(received).append(" sent=").append(sent);
        if (!modelName.isEmpty()) {
            text.append(" model=");
            JsonText.quote(modelName, text);
            text.append(" version=").append(modelVersion);
            text.append(" queue_us=").append(micros(queueNanos));
            text.append(" compute_input_us=").append(micros(compute.input()));
            text.append(" compute_infer_us=").append(micros(compute.infer()));
            text.append(" compute_output_us=").append(micros(compute.output()));
        }
        text.append(" total_us=").append(micros(totalNanos));
        if (!requestId.isEmpty()) {
            text.append(" request_id=");
            JsonText.quote(requestId, text);
        }
        if (!traceId.isEmpty()) {
            text.append(" trace_id=").append(traceId);
        }
        return text.toString();
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
