package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;

/**
 * What an infer body said.
 *
 * @param request the question, not yet validated; whoever received this value owns it
 * @param outputs how the answer is to be encoded; whoever received this value owns it, and closes
 *     it when the request has ended
 */
public record DecodedRequest(InferenceRequest request, OutputSelection outputs) {}
