package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code Constant}: one value for all samples (DALI section 10). */
public final class ConstantOperator implements SampleOperator {
    private final List<Sample> value;

    public ConstantOperator(OperatorSpec spec) {
        double[] floats = spec.floats("fdata");
        long[] integers = spec.integers("idata");
        boolean real = spec.has("fdata");
        if (real == spec.has("idata")) {
            throw new DaliException("Exactly one of `fdata` and `idata` must be specified");
        }
        int n = real ? floats.length : integers.length;
        int[] dims = spec.has("shape") ? Sample.checkedDims(spec.integers("shape")) : new int[] {n};
        ElementType type = spec.type("dtype").orElse(real ? ElementType.FLOAT : ElementType.INT32);
        Sample sample = Sample.zeros(type, spec.text("layout").orElse(""), dims);
        if (n != sample.size() && n != 1) {
            throw new DaliException(
                    "The number of values does not match the shape specified: "
                            + n
                            + " values for "
                            + sample);
        }
        for (int i = 0; i < sample.size(); i++) {
            int from = n == 1 ? 0 : i;
            if (real) {
                Elements.setSaturated(type, sample.data(), i, floats[from]);
            } else {
                Elements.setSaturated(type, sample.data(), i, integers[from]);
            }
        }
        value = List.of(sample);
    }

    @Override
    public List<Sample> run(Call call) {
        return value;
    }
}
