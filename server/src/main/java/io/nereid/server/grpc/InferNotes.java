package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RequestTrace;
import io.nereid.server.access.AccessRecord;
import io.nereid.server.trace.CallTrace;
import io.nereid.server.trace.CallTrace.Moment;
import io.nereid.server.trace.CallTracer;
import io.nereid.server.trace.TracedProtocol;
import java.util.Optional;

/**
 * What is noted of one inference request at this front end, for traces and the access log. Belongs
 * to the connection's event loop.
 */
final class InferNotes {
    private final CallTracer tracer;
    private final Metadata headers;
    private final AccessRecord access;
    private final long start;
    private CallTrace trace = CallTrace.NONE;
    private RequestTrace requestTrace = RequestTrace.NONE;

    /** Of a request that is awaited from now on. */
    InferNotes(CallTracer tracer, Metadata headers, AccessRecord access) {
        this.tracer = tracer;
        this.headers = headers;
        this.access = access;
        this.start = tracer.now();
    }

    /** The message is there and asks a model. */
    void asks(Model model) {
        trace = tracer.begin(TracedProtocol.GRPC, model, this::header);
        trace.at(Moment.RECEIVE_START, start);
        trace.at(Moment.RECEIVE_END);
        RequestTrace traced = trace.request();
        requestTrace =
                RequestTrace.both(traced, access.asks(model, traced.traceId(), this::header));
    }

    /** Has the request that the message makes told of to whoever watches. */
    void watch(InferenceRequest request) {
        request.setTrace(requestTrace);
        access.named(request.id());
    }

    /** The answer is about to be sent. */
    void sending() {
        trace.at(Moment.SEND_START);
    }

    /** The answer has been sent. */
    void sent() {
        trace.at(Moment.SEND_END);
    }

    /** Nothing more is noted of traces. */
    void over() {
        trace.close();
    }

    /** Ends the line of the access log. */
    void end(String status) {
        over();
        access.end(status);
    }

    private Optional<String> header(String name) {
        return MetadataEntries.first(headers, name);
    }
}
