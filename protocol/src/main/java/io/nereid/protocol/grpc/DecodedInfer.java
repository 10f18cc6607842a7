package io.nereid.protocol.grpc;

import io.nereid.protocol.InferenceRequest;
import java.util.Map;

/**
 * What a {@code ModelInferRequest} said.
 *
 * @param request the question, not yet validated; whoever received this value owns it
 * @param classification outputs of which classes are to be reported instead of the tensor, with the
 *     number of classes
 * @param emptyFinalResponse whether the client wants a message also for an end without response;
 *     concerns streams only
 */
public record DecodedInfer(
        InferenceRequest request, Map<String, Long> classification, boolean emptyFinalResponse) {}
