package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;

/** A list argument: constants, or one list per sample from an argument input. */
public final class Numbers {
    private final String name;
    private final boolean given;
    private final boolean perSample;
    private final double[] constant;

    Numbers(String name, boolean given, boolean perSample, double[] constant) {
        this.name = name;
        this.given = given;
        this.perSample = perSample;
        this.constant = constant;
    }

    /** Whether the file gives this argument and, if it is constant, not as an empty list. */
    public boolean given() {
        return given && (perSample || constant.length > 0);
    }

    /** Whether the file gives this argument, maybe as an empty list. */
    public boolean present() {
        return given;
    }

    /** Values for the sample of {@code call}; empty if the argument is not given. */
    public double[] values(Call call) {
        if (!perSample) {
            return constant.clone();
        }
        Sample sample = call.arguments().get(name);
        if (sample == null) {
            throw new DaliException("No value for the argument `" + name + "`");
        }
        return sample.toDoubles();
    }

    /** Exactly {@code count} values; a single one is repeated (section 2.4). */
    public double[] values(Call call, int count) {
        double[] values = values(call);
        if (values.length == 1 && count != 1) {
            double[] repeated = new double[count];
            Arrays.fill(repeated, values[0]);
            return repeated;
        }
        if (values.length != count) {
            throw new DaliException(
                    "Unexpected number of values for the argument `"
                            + name
                            + "`. Got "
                            + values.length
                            + ", expected "
                            + count
                            + " or 1.");
        }
        return values;
    }
}
