package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Makes a recorded gRPC call: sends its messages, closes its side, and waits for the end. */
final class Call implements StreamObserver<Message> {
    private static final int TIMEOUT_SECONDS = 30;

    /** What came back, in order, and how the call ended. */
    record Reply(List<Message> messages, Status status) {}

    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final AtomicReference<Status> status = new AtomicReference<>(Status.OK);
    private final CountDownLatch ended = new CountDownLatch(1);

    private Call() {}

    /**
     * @throws IOException if the call does not end in time
     */
    static Reply make(Channel channel, GoldenCall golden) throws IOException, InterruptedException {
        MethodDescriptor<Message, Message> method = method(golden);
        Call call = new Call();
        StreamObserver<Message> requests =
                ClientCalls.asyncBidiStreamingCall(
                        withMetadata(channel, golden).newCall(method, CallOptions.DEFAULT), call);
        for (JsonNode request : golden.requests()) {
            requests.onNext(message(request.toString(), method.getRequestMarshaller()));
        }
        requests.onCompleted();
        if (!call.ended.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("no end after " + TIMEOUT_SECONDS + " s");
        }
        return new Reply(List.copyOf(call.messages), call.status.get());
    }

    /** A message as recorded, of the type that the method answers with. */
    static Message response(GoldenCall golden, String recorded) {
        return message(recorded, method(golden).getResponseMarshaller());
    }

    private static Channel withMetadata(Channel channel, GoldenCall golden) {
        Metadata metadata = new Metadata();
        golden.metadata()
                .forEach((name, value) ->
                        metadata.put(
                                Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    private static Message message(String json, MethodDescriptor.Marshaller<Message> marshaller) {
        MethodDescriptor.PrototypeMarshaller<Message> prototype =
                (MethodDescriptor.PrototypeMarshaller<Message>) marshaller;
        Message.Builder message =
                Objects.requireNonNull(prototype.getMessagePrototype()).newBuilderForType();
        try {
            JsonFormat.parser().merge(json, message);
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException("no such message: " + json, e);
        }
        return message.build();
    }

    @SuppressWarnings("unchecked") // all methods carry protobuf messages
    private static MethodDescriptor<Message, Message> method(GoldenCall golden) {
        ServiceDescriptor service =
                golden.service().equals(HealthGrpc.SERVICE_NAME)
                        ? HealthGrpc.getServiceDescriptor()
                        : GRPCInferenceServiceGrpc.getServiceDescriptor();
        return (MethodDescriptor<Message, Message>)
                service.getMethods().stream()
                        .filter(method -> golden.rpc().equals(method.getBareMethodName()))
                        .findAny()
                        .orElseThrow();
    }

    @Override
    public void onNext(Message message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        status.set(Status.fromThrowable(failure));
        ended.countDown();
    }

    @Override
    public void onCompleted() {
        ended.countDown();
    }
}
