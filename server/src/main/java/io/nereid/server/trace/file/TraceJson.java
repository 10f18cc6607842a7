package io.nereid.server.trace.file;

import io.nereid.server.logging.JsonText;
import io.nereid.server.trace.TraceEntry;
import io.nereid.server.trace.TracedCall;
import io.nereid.server.trace.TracedRequest;
import java.util.List;

/** Writes a trace as the objects of a trace file, with commas between them (metrics section 11). */
final class TraceJson {
    private static final String REQUEST_START = "REQUEST_START";

    private final StringBuilder text = new StringBuilder(1024);

    private TraceJson() {}

    /** What the front end noted counts as noted of the call's own request. */
    static String of(TracedCall call) {
        TraceJson json = new TraceJson();
        TracedRequest top = call.requests().getFirst();
        json.entries(top, call.received());
        json.entries(top, top.entries());
        json.entries(top, call.answered());
        for (TracedRequest child : call.requests().subList(1, call.requests().size())) {
            json.entries(child, child.entries());
        }
        return json.text.toString();
    }

    private void entries(TracedRequest request, List<? extends TraceEntry> entries) {
        for (TraceEntry entry : entries) {
            switch (entry) {
                case TraceEntry.Stamp stamp -> stamp(request, stamp);
                case TraceEntry.TensorData tensor -> tensor(request, tensor);
            }
        }
    }

    private void stamp(TracedRequest request, TraceEntry.Stamp stamp) {
        if (stamp.name().equals(REQUEST_START)) {
            about(request);
        }
        begin(request.id()).append(",\"timestamps\":[");
        new JsonText(text).put("name", stamp.name()).put("ns", stamp.nanos()).end();
        text.append("]}");
    }

    private void about(TracedRequest request) {
        separate();
        JsonText object =
                new JsonText(text)
                        .put("id", request.id())
                        .put("model_name", request.modelName())
                        .put("model_version", request.modelVersion())
                        .putUnlessEmpty("request_id", request.requestId());
        if (request.parentId() != 0) {
            object.put("parent_id", request.parentId());
        }
        object.end();
    }

    private void tensor(TracedRequest request, TraceEntry.TensorData tensor) {
        begin(request.id()).append(",\"activity\":\"").append(tensor.activity());
        text.append("\",\"tensor\":");
        new JsonText(text)
                .put("name", tensor.name())
                .put("data", tensor.data())
                .put("shape", tensor.shape())
                .put("dtype", tensor.type())
                .end();
        text.append('}');
    }

    private StringBuilder begin(long id) {
        separate();
        return text.append("{\"id\":").append(id);
    }

    private void separate() {
        if (!text.isEmpty()) {
            text.append(',');
        }
    }
}
