package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.TensorSpec;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.Remarks;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the number of labels with the number of classes. */
final class LabelLint {
    private LabelLint() {}

    /**
     * Checks every output that has labels.
     *
     * @param labels by name of the output
     */
    static void check(ModelConfig config, Map<String, List<String>> labels, Remarks remarks) {
        int index = 0;
        for (TensorSpec output : config.outputs().values()) {
            int count = labels.getOrDefault(output.name(), List.of()).size();
            Optional<Long> classes = classes(output.dims());
            if (labels.containsKey(output.name()) && classes.isPresent() && classes.get() > count) {
                remarks.field(
                        FindingKind.LABELS,
                        "output[" + index + "].label_filename",
                        "label file '"
                                + output.labelFilename()
                                + "' of output '"
                                + output.name()
                                + "' in model '"
                                + config.name()
                                + "' has fewer labels than the output has classes",
                        new Advice(
                                classes.get() + " lines, one for each class",
                                count == 1 ? "1 line" : count + " lines",
                                "add the missing labels: classes without one have no name"));
            }
            index++;
        }
    }

    /** Number of elements, if it is known. */
    private static Optional<Long> classes(Shape dims) {
        long count = 1;
        for (long dim : dims.toArray()) {
            if (dim == Shape.ANY) {
                return Optional.empty();
            }
            count *= dim;
        }
        return Optional.of(count);
    }
}
