package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.tensor.ElementType;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An output of a pipeline.
 *
 * @param name name of the tensor in the file
 * @param type element type if the file declares it
 * @param rank number of dimensions of a sample if the file declares it
 */
public record OutputPort(String name, Optional<ElementType> type, OptionalInt rank) {}
