package io.nereid.protocol.grpc;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.SharedOutputs;
import java.util.Map;

/**
 * What a {@code ModelInferRequest} said.
 *
 * @param request the question, not yet validated; whoever received this value owns it
 * @param classification outputs of which classes are to be reported instead of the tensor, with the
 *     number of classes
 * @param shared outputs that go to shared memory and not into the answer; whoever received this
 *     value owns it, and closes it when the request has ended
 * @param emptyFinalResponse whether the client wants a message also for an end without response;
 *     concerns streams only
 */
public record DecodedInfer(
        InferenceRequest request,
        Map<String, Long> classification,
        SharedOutputs shared,
        boolean emptyFinalResponse) {}
