package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.List;
import java.util.Optional;

/** {@code Transpose}: exchanges axes (DALI section 10). */
public final class TransposeOperator implements SampleOperator {
    private final double[] permutation;
    private final boolean transposeLayout;
    private final Optional<String> outputLayout;

    public TransposeOperator(OperatorSpec spec) {
        permutation = spec.floats("perm");
        transposeLayout = spec.flag("transpose_layout", true);
        outputLayout = spec.text("output_layout");
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        int rank = input.rank();
        int[] order = order(rank);
        int[] packed = Strided.packed(input.dims());
        int[] dims = new int[rank];
        int[] strides = new int[rank];
        StringBuilder permuted = new StringBuilder();
        for (int d = 0; d < rank; d++) {
            dims[d] = input.dim(order[d]);
            strides[d] = packed[order[d]];
            if (input.layout().length() == rank) {
                permuted.append(input.layout().charAt(order[d]));
            }
        }
        String layout = outputLayout.orElse(transposeLayout ? permuted.toString() : "");
        if (outputLayout.isPresent() && layout.length() != rank) {
            throw new DaliException(
                    "The layout \"" + layout + "\" does not fit " + rank + " dimensions");
        }
        return List.of(Strided.gather(input, dims, 0, strides, layout));
    }

    private int[] order(int rank) {
        int[] order = new int[rank];
        if (permutation.length == 0) {
            for (int d = 0; d < rank; d++) {
                order[d] = rank - 1 - d;
            }
            return order;
        }
        if (permutation.length != rank) {
            throw new DaliException(
                    "`perm` has " + permutation.length + " axes, the input has " + rank);
        }
        return Layouts.axes(permutation, rank);
    }
}
