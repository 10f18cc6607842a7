package io.nereid.server.stress;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Plays a sequence from its start to its end: the model answers with the sum of the numbers so far.
 * Sometimes it never ends it, sometimes it leaves in the middle of a request.
 */
final class SequenceVisitor implements Visitor {
    private final ManagedChannel channel;
    private final String model;
    private final AtomicLong ids;
    private final Tally tally;

    /**
     * @param ids the last id that was given away
     */
    SequenceVisitor(ManagedChannel channel, String model, AtomicLong ids, Tally tally) {
        this.channel = channel;
        this.model = model;
        this.ids = ids;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) {
        long id = ids.incrementAndGet();
        int length = 1 + random.nextInt(8);
        boolean abandons = random.nextInt(10) == 0;
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int value = random.nextInt(1000);
            sum += value;
            boolean end = i == length - 1 && !abandons;
            ModelInferRequest request = request(id, i == 0, end, value);
            if (random.nextInt(40) == 0) {
                hurry(request, random);
                return;
            }
            if (!ask(request, sum)) {
                return;
            }
        }
        tally.count(model, abandons ? "abandoned" : "whole");
    }

    private boolean ask(ModelInferRequest request, int sum) {
        try {
            ModelInferResponse answer =
                    GRPCInferenceServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(60, TimeUnit.SECONDS)
                            .modelInfer(request);
            List<Integer> found = Numbers.of(answer, output(answer));
            if (!found.equals(List.of(sum))) {
                tally.violation(model, "sum is " + found + ", expected " + sum);
                return false;
            }
            tally.count(model, "answered");
            return true;
        } catch (StatusRuntimeException e) {
            tally.violation(model, e.getStatus().toString());
            return false;
        }
    }

    /** With too little time; the sequence is not gone on with. */
    private void hurry(ModelInferRequest request, RandomGenerator random) {
        GRPCInferenceServiceBlockingStub stub =
                GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(1 + random.nextInt(3), TimeUnit.MILLISECONDS);
        try {
            stub.modelInfer(request);
            tally.count(model, "answered");
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                tally.count(model, "too late");
            } else {
                tally.violation(model, e.getStatus().toString());
            }
        }
    }

    private static int output(ModelInferResponse answer) {
        for (int i = 0; i < answer.getOutputsCount(); i++) {
            if (answer.getOutputs(i).getName().equals("OUT")) {
                return i;
            }
        }
        throw new IllegalStateException("no output OUT in " + answer);
    }

    private ModelInferRequest request(long id, boolean start, boolean end, int value) {
        return Numbers.grpc(model, "IN", new int[] {value})
                .putParameters("sequence_id", InferParameter.newBuilder().setInt64Param(id).build())
                .putParameters("sequence_start", flag(start))
                .putParameters("sequence_end", flag(end))
                .build();
    }

    private static InferParameter flag(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }
}
