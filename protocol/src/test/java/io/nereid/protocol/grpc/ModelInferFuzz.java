package io.nereid.protocol.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.fuzz.BoundedMemory;
import io.nereid.protocol.fuzz.FuzzTarget;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decodes any bytes as a {@code ModelInferRequest}. What is accepted, protobuf's own reader accepts
 * too, and holds the same; what that reader accepts is accepted at least in its usual form. (The
 * reader cuts lengths of more than 32 bits, which are refused here as in other languages.)
 */
public final class ModelInferFuzz implements FuzzTarget {
    private final BoundedMemory memory = new BoundedMemory();

    /** For fuzzers that know nothing but this method. */
    public static void fuzzerTestOneInput(byte[] input) {
        new ModelInferFuzz().accept(input);
    }

    @Override
    public boolean accept(byte[] input) {
        Optional<ModelInferRequest> expected = byProtobuf(input);
        boolean parsed = decode(input, expected);
        if (!parsed && expected.isPresent() && !decode(expected.get().toByteArray(), expected)) {
            throw new AssertionError("refuses a message in its usual form: " + expected.get());
        }
        return parsed;
    }

    /**
     * Whether the bytes are a message; whether it asks for something reasonable does not matter.
     */
    private boolean decode(byte[] input, Optional<ModelInferRequest> expected) {
        memory.begin(input.length);
        boolean parsed = false;
        try (ModelInferMessage message =
                ModelInferMessage.parse(memory.block(input, 0, input.length))) {
            parsed = true;
            compare(message, expected.orElseThrow(() -> new AssertionError("is no message")));
            new ModelInferDecoder(memory, SharedMemory.NONE)
                    .decode(message, OptionalLong.empty())
                    .request()
                    .close();
        } catch (StatusException e) {
            if (e.text().isEmpty()) {
                throw new AssertionError("refused without a word", e);
            }
        }
        memory.end();
        return parsed;
    }

    private static void compare(ModelInferMessage message, ModelInferRequest expected) {
        if (!message.header().equals(expected.toBuilder().clearRawInputContents().build())) {
            throw new AssertionError("reads " + message.header() + ", expected " + expected);
        }
        List<ByteString> contents = new ArrayList<>();
        for (int i = 0; i < message.rawContentsCount(); i++) {
            try (TensorBuffer part = message.rawContents(i)) {
                contents.add(ByteString.copyFrom(part.segment().toArray(ValueLayout.JAVA_BYTE)));
            }
        }
        if (!contents.equals(expected.getRawInputContentsList())) {
            throw new AssertionError("reads raw contents " + contents + ", expected " + expected);
        }
    }

    private static Optional<ModelInferRequest> byProtobuf(byte[] input) {
        try {
            return Optional.of(ModelInferRequest.parseFrom(input));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
