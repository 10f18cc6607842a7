package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.tensor.DaliException;

/** Mean, standard deviation, scale and shift of {@code CropMirrorNormalize} (DALI section 8.2). */
final class ChannelNormalization {
    private final Numbers mean;
    private final Numbers std;
    private final double scale;
    private final double shift;

    /** What is done to the values of each channel of one sample. */
    static final class Rule {
        private final float[] mean;
        private final float[] factor;
        private final boolean identity;

        private Rule(float[] mean, float[] factor, boolean identity) {
            this.mean = mean;
            this.factor = factor;
            this.identity = identity;
        }

        float apply(float value, int channel) {
            if (identity) {
                return value;
            }
            int c = mean.length == 1 ? 0 : channel;
            return (value - mean[c]) * factor[c];
        }
    }

    ChannelNormalization(OperatorSpec spec) {
        mean = spec.numbers("mean", 0);
        std = spec.numbers("std", 1);
        scale = (float) spec.real("scale", 1);
        shift = (float) spec.real("shift", 0);
    }

    Rule of(Call call, int channels) {
        double[] means = mean.values(call);
        double[] stds = std.values(call);
        int n = Math.max(means.length, stds.length);
        if (means.length == 0
                || stds.length == 0
                || (means.length != stds.length && means.length != 1 && stds.length != 1)) {
            throw new DaliException(
                    "``mean`` and ``std`` must either be of the same size, be scalars, or one of"
                            + " them can be a vector and the other a scalar.");
        }
        if (n != 1 && n < channels) {
            throw new DaliException(
                    "`mean` and `std` have "
                            + n
                            + " values for an input of "
                            + channels
                            + " channels");
        }
        float[] m = new float[n];
        float[] f = new float[n];
        boolean identity = true;
        for (int k = 0; k < n; k++) {
            double center = (float) means[means.length == 1 ? 0 : k];
            double spread = (float) stds[stds.length == 1 ? 0 : k];
            m[k] = (float) (center - shift * (spread / scale));
            f[k] = (float) (scale / spread);
            identity &= m[k] == 0 && f[k] == 1;
        }
        return new Rule(m, f, identity);
    }
}
