package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code WarpAffine}: a picture through a 2 by 3 matrix (DALI section 13). */
public final class WarpAffineOperator implements SampleOperator {
    static final List<String> LAYOUTS = List.of("HWC", "FHWC");

    private final Warp warp;
    private final Numbers matrix;
    private final Numbers size;
    private final boolean toSource;
    private final boolean matrixInput;

    public WarpAffineOperator(OperatorSpec spec) {
        warp = new Warp(spec);
        matrix = spec.numbers("matrix");
        size = spec.numbers("size");
        toSource = spec.flag("inverse_map", true);
        matrixInput = spec.inputCount() > 1;
        if (matrixInput == matrix.given()) {
            throw new DaliException("Exactly one of `matrix` and a second input must be given");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, LAYOUTS);
        double[] values = matrixInput ? call.inputs().get(1).toDoubles() : matrix.values(call);
        AffineMap map = AffineMap.of(values, toSource);
        int axis = layout.indexOf('H');
        int[] extents = {input.dim(axis), input.dim(axis + 1)};
        if (size.given()) {
            extents = size(size.values(call, 2));
        }
        return List.of(warp.run(call, input, layout, extents[0], extents[1], map));
    }

    /** Height and width as whole numbers. */
    static int[] size(double[] values) {
        return Sample.checkedDims(
                (long) Elements.roundAway((float) values[0]),
                (long) Elements.roundAway((float) values[1]));
    }
}
