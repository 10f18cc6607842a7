package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.ModelTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Inputs and outputs of a graph, in its order.
 *
 * @param inputs inputs that every run needs
 * @param defaulted inputs with a default value
 * @param outputs outputs
 */
record OrtSignature(
        Map<String, ModelTensor> inputs,
        Map<String, ModelTensor> defaulted,
        Map<String, ModelTensor> outputs) {
    static OrtSignature of(
            List<ModelTensor> inputs, List<ModelTensor> defaulted, List<ModelTensor> outputs) {
        return new OrtSignature(byName(inputs), byName(defaulted), byName(outputs));
    }

    private static Map<String, ModelTensor> byName(List<ModelTensor> tensors) {
        Map<String, ModelTensor> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        return Collections.unmodifiableMap(byName);
    }
}
