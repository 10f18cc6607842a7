package io.nereid.load.client;

import java.util.List;
import java.util.Map;

/**
 * The requests that a load is made of, and all that they share.
 *
 * @param version empty for the newest
 * @param requests inputs of each
 * @param outputs what goes into shared memory; if empty, all outputs come with the answer
 * @param jsonInputs whether inputs are text, where the protocol has a choice
 * @param jsonOutputs whether outputs are text, where the protocol has a choice
 * @param headers sent with each request
 * @param decoupled whether a request may have several answers
 */
public record RequestSet(
        String model,
        String version,
        List<List<RequestInput>> requests,
        List<RequestOutput> outputs,
        boolean jsonInputs,
        boolean jsonOutputs,
        Map<String, String> headers,
        boolean decoupled) {}
