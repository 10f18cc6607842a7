package io.nereid.backend.dali.pipeline;

import java.util.List;

/**
 * What a file describes, checked: every tensor is made before it is read.
 *
 * @param maxBatchSize largest batch
 * @param numThreads number of threads
 * @param inputs inputs in the order of the file
 * @param inputSlots numbers of their tensors
 * @param outputs outputs in order
 * @param outputSlots numbers of their tensors
 * @param nodes operators that contribute to an output, in order
 * @param slots number of tensors
 */
record Graph(
        int maxBatchSize,
        int numThreads,
        List<InputPort> inputs,
        List<Integer> inputSlots,
        List<OutputPort> outputs,
        List<Integer> outputSlots,
        List<Node> nodes,
        int slots) {}
