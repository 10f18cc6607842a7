package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An input of a pipeline.
 *
 * @param name name of the input operator
 * @param type element type if the file declares it
 * @param rank number of dimensions of a sample if the file declares it
 * @param layout layout that samples get; empty if none
 */
public record InputPort(String name, Optional<ElementType> type, OptionalInt rank, String layout) {
    /**
     * The sample as the pipeline sees it.
     *
     * @throws DaliException if it is not what the file declares
     */
    Sample accept(Sample sample) {
        if (type.isPresent() && type.get() != sample.type()) {
            throw new DaliException(
                    "ExternalSource expected data of type "
                            + type.get().label()
                            + " and got: "
                            + sample.type().label()
                            + " (input \""
                            + name
                            + "\").");
        }
        if (rank.isPresent() && rank.getAsInt() != sample.rank()) {
            throw new DaliException(
                    "ExternalSource expected data with "
                            + rank.getAsInt()
                            + " dimensions and got "
                            + sample.rank()
                            + " dimensions (input \""
                            + name
                            + "\").");
        }
        return layout.length() == sample.rank() ? sample.withLayout(layout) : sample;
    }
}
