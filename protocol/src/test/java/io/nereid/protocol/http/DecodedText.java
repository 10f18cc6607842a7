package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Tensor;
import java.util.HexFormat;

/** Everything that a decoded request says, as a text that tests compare. */
final class DecodedText {
    private DecodedText() {}

    /** The text of a request that is still open; never empty. */
    static String of(DecodedRequest decoded) {
        InferenceRequest request = decoded.request();
        StringBuilder text = new StringBuilder();
        text.append("id ").append(request.id());
        text.append(" sequence ").append(request.correlationId());
        text.append(request.sequenceStart()).append(request.sequenceEnd());
        text.append(" priority ").append(request.priority());
        text.append(" timeout ").append(request.timeoutMicros());
        text.append(" parameters ").append(request.parameters());
        for (Tensor input : request.inputs()) {
            text.append(" input ").append(input.name()).append(input.type()).append(input.shape());
            text.append(HexFormat.of().formatHex(Codec.bytes(input.buffer())));
        }
        for (String output : request.requestedOutputs()) {
            text.append(" output ").append(output);
            text.append(decoded.outputs().isBinary(output));
            text.append(decoded.outputs().classification(output));
            text.append(decoded.outputs().shared().contains(output));
        }
        text.append(" others ").append(decoded.outputs().isBinary("no such output"));
        return text.append(decoded.outputs().batched()).toString();
    }
}
