package io.nereid.server.stress;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks over gRPC for numbers that must come back as they are; sometimes with a deadline that may be
 * too short, sometimes leaves before it has its answer.
 */
final class GrpcVisitor implements Visitor {
    private final ManagedChannel channel;
    private final List<StressModels.Echo> models;
    private final Tally tally;

    GrpcVisitor(ManagedChannel channel, List<StressModels.Echo> models, Tally tally) {
        this.channel = channel;
        this.models = models;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) throws Exception {
        StressModels.Echo model = models.get(random.nextInt(models.size()));
        int[] values = model.numbers(random);
        ModelInferRequest request =
                Numbers.grpc(model.name(), model.input(), values)
                        .putParameters(
                                "priority",
                                InferParameter.newBuilder()
                                        .setUint64Param(random.nextInt(4))
                                        .build())
                        .build();
        boolean hurried = random.nextInt(8) == 0;
        boolean leaves = !hurried && random.nextInt(8) == 0;
        GRPCInferenceServiceStub stub = GRPCInferenceServiceGrpc.newStub(channel);
        if (hurried) {
            stub = stub.withDeadlineAfter(1 + random.nextInt(20), TimeUnit.MILLISECONDS);
        }
        Answer answer = new Answer();
        stub.modelInfer(request, answer);
        String kind = "grpc " + model.name();
        if (leaves) {
            answer.leaveAfter(random.nextInt(3000));
        }
        Status status;
        try {
            status = answer.ended.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            tally.violation(kind, "no end in 30 seconds");
            return;
        }
        switch (status.getCode()) {
            case OK -> check(kind, answer, values);
            case CANCELLED -> expect(kind, leaves, "left", status);
            case DEADLINE_EXCEEDED -> expect(kind, hurried, "too late", status);
            case UNAVAILABLE -> expect(kind, model.refuses(), "refused", status);
            default -> tally.violation(kind, status.toString());
        }
    }

    private void expect(String kind, boolean expected, String outcome, Status status) {
        if (expected) {
            tally.count(kind, outcome);
        } else {
            tally.violation(kind, status.toString());
        }
    }

    private void check(String kind, Answer answer, int[] values) {
        List<Integer> found = answer.numbers();
        if (answer.count == 1 && found.equals(Numbers.list(values))) {
            tally.count(kind, "answered");
        } else {
            tally.violation(
                    kind, answer.count + " answers " + found + " to " + Numbers.list(values));
        }
    }

    /** Counts answers; the end comes last, on the same thread. */
    private static final class Answer
            implements ClientResponseObserver<ModelInferRequest, ModelInferResponse> {
        private final CompletableFuture<Status> ended = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call =
                new CompletableFuture<>();
        private int count;
        private @Nullable ModelInferResponse last;

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
            call.complete(started);
        }

        void leaveAfter(int micros) throws Exception {
            try {
                ended.get(micros, TimeUnit.MICROSECONDS);
            } catch (TimeoutException e) {
                call.join().cancel("left", null);
            }
        }

        List<Integer> numbers() {
            return last == null ? List.of() : Numbers.of(last, 0);
        }

        @Override
        public void onNext(ModelInferResponse response) {
            count++;
            last = response;
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
