package io.nereid.backend.djl;

import java.util.List;

/**
 * Inputs and outputs of a model.
 *
 * @param inputs inputs in the model's order
 * @param outputs outputs in the model's order
 */
public record ModelSignature(List<TensorDescription> inputs, List<TensorDescription> outputs) {}
