package io.nereid.backend.tensorflow;

import java.util.Map;

/**
 * Inputs and outputs by the names that configurations use.
 *
 * @param inputs inputs
 * @param outputs outputs
 */
record TfSignature(Map<String, TfPort> inputs, Map<String, TfPort> outputs) {}
