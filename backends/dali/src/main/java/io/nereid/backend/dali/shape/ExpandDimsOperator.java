package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code ExpandDims}: inserts axes of extent 1 (DALI section 10). */
public final class ExpandDimsOperator implements SampleOperator {
    private final long[] axes;
    private final Optional<String> names;

    public ExpandDimsOperator(OperatorSpec spec) {
        spec.require("axes");
        axes = spec.integers("axes");
        names = spec.text("new_axis_names");
        if (names.isPresent() && names.get().length() != axes.length) {
            throw new DaliException(
                    "Specified "
                            + axes.length
                            + " new dimensions, but layout contains only "
                            + names.get().length()
                            + " new dimension names");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        int rank = input.rank() + axes.length;
        int[] dims = new int[rank];
        char[] letters = new char[rank];
        Arrays.fill(dims, -1);
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] < 0 || axes[i] >= rank || dims[(int) axes[i]] >= 0) {
                throw new DaliException(
                        "`axes` value "
                                + axes[i]
                                + " is not possible for an output of "
                                + rank
                                + " dimensions");
            }
            dims[(int) axes[i]] = 1;
            letters[(int) axes[i]] = names.isPresent() ? names.get().charAt(i) : ' ';
        }
        boolean hasLayout = names.isPresent() && input.layout().length() == input.rank();
        for (int axis = 0, from = 0; axis < rank; axis++) {
            if (dims[axis] < 0) {
                letters[axis] = hasLayout ? input.layout().charAt(from) : ' ';
                dims[axis] = input.dim(from++);
            }
        }
        return List.of(input.withDims(hasLayout ? new String(letters) : "", dims));
    }
}
