package io.nereid.server.stress;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Asks an ensemble whose step looks a value up; for an index out of its range the step fails. */
final class FailingStepVisitor implements Visitor {
    private static final String MODEL = "ens_gather";

    private final ManagedChannel channel;
    private final Tally tally;

    FailingStepVisitor(ManagedChannel channel, Tally tally) {
        this.channel = channel;
        this.tally = tally;
    }

    @Override
    public void visit(RandomGenerator random) {
        long index = random.nextInt(6);
        boolean fails = index > 2;
        try {
            GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .modelInfer(request(index));
            if (fails) {
                tally.violation(MODEL, "index " + index + " was answered");
            } else {
                tally.count(MODEL, "answered");
            }
        } catch (StatusRuntimeException e) {
            String text = String.valueOf(e.getStatus().getDescription());
            if (fails && text.startsWith("in ensemble 'ens_gather', ")) {
                tally.count(MODEL, "failed");
            } else {
                tally.violation(MODEL, e.getStatus().toString());
            }
        }
    }

    private static ModelInferRequest request(long index) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(index).flip();
        return ModelInferRequest.newBuilder()
                .setModelName(MODEL)
                .addInputs(
                        ModelInferRequest.InferInputTensor.newBuilder()
                                .setName("I")
                                .setDatatype("INT64")
                                .addShape(1)
                                .addShape(1))
                .addRawInputContents(ByteString.copyFrom(data))
                .build();
    }
}
