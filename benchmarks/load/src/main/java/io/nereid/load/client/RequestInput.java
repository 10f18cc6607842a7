package io.nereid.load.client;

import io.nereid.load.data.TensorValue;
import java.util.Optional;

/**
 * An input of a request.
 *
 * @param shared where its elements lie if the request does not carry them
 */
public record RequestInput(TensorValue value, Optional<SharedPlace> shared) {}
