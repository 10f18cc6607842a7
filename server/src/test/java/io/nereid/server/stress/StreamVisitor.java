package io.nereid.server.stress;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Sends several requests to a decoupled model over one stream and reads the replies one by one, now
 * and then slowly: each element of each request must come back once, in order. Sometimes it leaves
 * in mid-stream.
 */
final class StreamVisitor implements Visitor {
    private final ManagedChannel channel;
    private final String model;
    private final Tally tally;

    StreamVisitor(ManagedChannel channel, String model, Tally tally) {
        this.channel = channel;
        this.model = model;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) throws Exception {
        int requests = 1 + random.nextInt(4);
        Replies replies = new Replies(requests, random.nextInt(4) == 0 ? 2_000_000 : 0);
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(replies);
        ClientCallStreamObserver<ModelInferRequest> stream = replies.call.join();
        List<List<Integer>> expected = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            int[] values = Numbers.random(random, random.nextInt(12));
            expected.add(Numbers.list(values));
            stream.onNext(request(i, values, random));
        }
        stream.onCompleted();
        boolean leaves = random.nextInt(6) == 0;
        if (leaves) {
            LockSupport.parkNanos(random.nextInt(5_000_000));
            stream.cancel("left", null);
        }
        check(leaves, replies, expected);
    }

    private void check(boolean leaves, Replies replies, List<List<Integer>> expected)
            throws Exception {
        Status status;
        try {
            status = replies.ended.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            tally.violation(model, "stream did not end in 60 seconds");
            return;
        }
        if (!replies.errors.isEmpty()) {
            tally.violation(model, replies.errors.toString());
        } else if (status.isOk()) {
            if (replies.values.equals(expected)) {
                tally.count(model, "streamed");
            } else {
                tally.violation(model, "got " + replies.values + ", expected " + expected);
            }
        } else if (leaves && status.getCode() == Status.Code.CANCELLED) {
            tally.count(model, "left");
        } else {
            tally.violation(model, status.toString());
        }
    }

    private ModelInferRequest request(int number, int[] values, RandomGenerator random) {
        ByteBuffer delays =
                ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            delays.putInt(random.nextInt(20) == 0 ? 1 : 0);
        }
        ByteBuffer data =
                ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asIntBuffer().put(values);
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setId(String.valueOf(number))
                .putParameters(
                        "triton_enable_empty_final_response",
                        InferParameter.newBuilder().setBoolParam(true).build())
                .addInputs(input("IN", "INT32", values.length))
                .addInputs(input("DELAY", "UINT32", values.length))
                .addInputs(input("WAIT", "UINT32", 1))
                .addRawInputContents(ByteString.copyFrom(data))
                .addRawInputContents(ByteString.copyFrom(delays.flip()))
                .addRawInputContents(ByteString.copyFrom(new byte[Integer.BYTES]))
                .build();
    }

    private static InferInputTensor input(String name, String type, int elements) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(type)
                .addShape(elements)
                .build();
    }

    /** Reads a reply only when it is done with the one before. */
    private static final class Replies
            implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
        private final CompletableFuture<Status> ended = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call =
                new CompletableFuture<>();
        private final List<List<Integer>> values = new ArrayList<>();
        private final List<String> errors = new ArrayList<>();
        private final int pauseNanos;

        Replies(int requests, int pauseNanos) {
            this.pauseNanos = pauseNanos;
            for (int i = 0; i < requests; i++) {
                values.add(new ArrayList<>());
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
            started.disableAutoRequestWithInitial(1);
            call.complete(started);
        }

        @Override
        public void onNext(ModelStreamInferResponse reply) {
            if (!reply.getErrorMessage().isEmpty()) {
                errors.add(reply.getErrorMessage());
            } else if (reply.getInferResponse().getOutputsCount() > 0) {
                int request = Integer.parseInt(reply.getInferResponse().getId());
                values.get(request).addAll(Numbers.of(reply.getInferResponse(), 0));
            }
            if (pauseNanos > 0) {
                LockSupport.parkNanos(pauseNanos);
            }
            call.join().request(1);
        }

        @Override
        public void onError(Throwable failure) {
            ended.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            ended.complete(Status.OK);
        }
    }
}
