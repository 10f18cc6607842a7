package io.nereid.server.netty;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RequestTrace;
import io.nereid.server.ServerExtensions;
import io.nereid.server.access.AccessLog;
import io.nereid.server.access.AccessRecord;
import io.nereid.server.trace.CallTrace;
import io.nereid.server.trace.CallTrace.Moment;
import io.nereid.server.trace.CallTracer;
import io.nereid.server.trace.TracedProtocol;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;

/**
 * What is noted of one exchange, for traces and the access log. Belongs to the connection's event
 * loop.
 */
final class ExchangeNotes {
    /** What the access log says of a client that did not wait for its answer. */
    private static final int CLIENT_CLOSED = 499;

    private final CallTracer tracer;
    private final HttpHead head;
    private final AccessRecord access;
    private CallTrace trace = CallTrace.NONE;
    private RequestTrace requestTrace = RequestTrace.NONE;
    private int status;
    private long sent;

    /** Of an exchange that begins now. */
    ExchangeNotes(ServerExtensions extensions, HttpHead head, Channel channel) {
        this.tracer = extensions.tracer();
        this.head = head;
        this.access = access(extensions.access(), head, channel);
    }

    private static AccessRecord access(AccessLog log, HttpHead head, Channel channel) {
        if (!log.isOn()) {
            return AccessRecord.NONE;
        }
        boolean stream = channel instanceof Http2StreamChannel;
        return log.begin(
                stream ? "HTTP/2" : head.version().text(),
                head.method(),
                head.path(),
                AccessLog.address((stream ? channel.parent() : channel).remoteAddress()));
    }

    /** A model is asked; this decides whether the exchange is traced. */
    void asks(Model model) {
        trace = tracer.begin(TracedProtocol.HTTP, model, head::header);
        trace.at(Moment.RECEIVE_START);
        RequestTrace traced = trace.request();
        requestTrace =
                RequestTrace.both(traced, access.asks(model, traced.traceId(), head::header));
    }

    /** The body is there. */
    void received() {
        trace.at(Moment.RECEIVE_END);
    }

    /** Has the request that is made of the body told of to whoever watches. */
    void watch(InferenceRequest request) {
        request.setTrace(requestTrace);
        access.named(request.id());
    }

    /** The answer is about to be sent. */
    void sending(int replyStatus) {
        status = replyStatus;
        trace.at(Moment.SEND_START);
    }

    /** Bytes of the answer's body are about to be sent. */
    void add(long bytes) {
        sent += bytes;
    }

    /**
     * The answer has been sent.
     *
     * @param received bytes of the request's body
     */
    void sent(long received) {
        trace.at(Moment.SEND_END);
        over(status, received);
    }

    /**
     * The client is gone; says nothing if the answer has been sent.
     *
     * @param received bytes of the request's body
     */
    void abandoned(long received) {
        over(CLIENT_CLOSED, received);
    }

    private void over(int finalStatus, long received) {
        trace.close();
        access.bytes(received, sent);
        access.end(Integer.toString(finalStatus));
    }
}
