package io.nereid.backend.dali.audio;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;
import java.util.List;

/** {@code MelFilterBank}: frequencies gathered by triangles on the mel scale. */
public final class MelFilterBankOperator implements SampleOperator {
    private static final double LINEAR_STEP = 200 / 3.0;
    private static final double LOG_STEP = 0.068751777;
    private static final double FIRST_LOG_MEL = 15;
    private static final double FIRST_LOG_HERTZ = 1000;
    private static final long MOST_FILTERS = 1 << 16;

    private final int filters;
    private final boolean normalized;
    private final boolean htk;
    private final double sampleRate;
    private final double[] points;

    public MelFilterBankOperator(OperatorSpec spec) {
        long count = spec.integer("nfilter", 128);
        sampleRate = spec.real("sample_rate", 44100);
        double low = spec.real("freq_low", 0);
        double high = spec.real("freq_high", 0) > 0 ? spec.real("freq_high", 0) : sampleRate / 2;
        normalized = spec.flag("normalize", true);
        htk = isHtk(spec.text("mel_formula").orElse("slaney"));
        if (count < 1 || count > MOST_FILTERS || !(low >= 0 && low < high) || !(sampleRate > 0)) {
            throw new DaliException(
                    "Mel filters are not possible: "
                            + count
                            + " from "
                            + low
                            + " to "
                            + high
                            + " Hz at "
                            + sampleRate
                            + " Hz");
        }
        filters = (int) count;
        points = new double[filters + 2];
        double from = toMel(low);
        double step = (toMel(high) - from) / (filters + 1);
        for (int k = 0; k < points.length; k++) {
            points[k] = toHertz(from + step * k);
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        int axis = input.layout().indexOf('f');
        if (axis < 0) {
            axis = Math.max(0, input.rank() - 2);
        }
        if (axis >= input.rank() || input.dim(axis) < 2) {
            throw new DaliException("A spectrogram was expected, got " + input);
        }
        int[] dims = input.dims();
        int bins = dims[axis];
        int outer = Strided.volume(dims, 0, axis);
        int inner = Strided.volume(dims, axis + 1, dims.length);
        dims[axis] = filters;
        Sample result = Sample.zeros(ElementType.FLOAT, input.layout(), dims);
        double[] x = input.toDoubles();
        double hertzPerBin = sampleRate / (2.0 * (bins - 1));
        double[] sums = new double[inner];
        for (int o = 0; o < outer; o++) {
            for (int k = 0; k < filters; k++) {
                Arrays.fill(sums, 0);
                for (int b = 0; b < bins; b++) {
                    double weight = weight(k, b * hertzPerBin);
                    int from = (o * bins + b) * inner;
                    for (int i = 0; weight != 0 && i < inner; i++) {
                        sums[i] += weight * x[from + i];
                    }
                }
                Elements.fromDoubles(
                        ElementType.FLOAT, sums, inner, result.data(), (o * filters + k) * inner);
            }
        }
        return List.of(result);
    }

    /** Height of triangle {@code k} at a frequency. */
    private double weight(int k, double hertz) {
        double left = points[k];
        double top = points[k + 1];
        double right = points[k + 2];
        if (hertz <= left || hertz > right) {
            return 0;
        }
        double height =
                hertz < top ? (hertz - left) / (top - left) : (right - hertz) / (right - top);
        return normalized ? height * 2 / (right - left) : height;
    }

    private double toMel(double hertz) {
        if (htk) {
            return 1127 * Math.log(1 + hertz / 700);
        }
        return hertz >= FIRST_LOG_HERTZ
                ? FIRST_LOG_MEL + Math.log(hertz / FIRST_LOG_HERTZ) / LOG_STEP
                : hertz / LINEAR_STEP;
    }

    private double toHertz(double mel) {
        if (htk) {
            return 700 * (Math.exp(mel / 1127) - 1);
        }
        return mel >= FIRST_LOG_MEL
                ? FIRST_LOG_HERTZ * Math.exp(LOG_STEP * (mel - FIRST_LOG_MEL))
                : mel * LINEAR_STEP;
    }

    private static boolean isHtk(String formula) {
        return switch (formula) {
            case "htk" -> true;
            case "slaney" -> false;
            default -> throw new DaliException("Unsupported mel formula: " + formula);
        };
    }
}
