package io.nereid.backend.dali.operator;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;

/** A scalar argument: a constant, or one value per sample from an argument input. */
public final class Scalar {
    private final String name;
    private final boolean given;
    private final boolean perSample;
    private final double constant;

    Scalar(String name, boolean given, boolean perSample, double constant) {
        this.name = name;
        this.given = given;
        this.perSample = perSample;
        this.constant = constant;
    }

    /** Whether the file gives this argument, in either way. */
    public boolean given() {
        return given;
    }

    /** Value for the sample of {@code call}, the default if the argument is not given. */
    public double value(Call call) {
        if (!perSample) {
            return constant;
        }
        Sample sample = call.arguments().get(name);
        if (sample == null || sample.size() != 1) {
            throw new DaliException(
                    "Expected one value for the argument `" + name + "`, got " + sample);
        }
        return sample.doubleAt(0);
    }

    /** The value as a 32-bit float. */
    public float floatValue(Call call) {
        return (float) value(call);
    }

    /** The value as an integer, fractions cut off. */
    public long integer(Call call) {
        return (long) value(call);
    }
}
