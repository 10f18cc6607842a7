package io.nereid.backend.dali.audio;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code Spectrogram}: power of the frequencies in overlapping windows. */
public final class SpectrogramOperator implements SampleOperator {
    private static final long LONGEST = 1 << 20;

    private final int windowLength;
    private final int step;
    private final int fftLength;
    private final double[] window;
    private final boolean squared;
    private final boolean centered;
    private final boolean reflected;
    private final boolean frequencyFirst;
    private final FourierTransform transform;

    public SpectrogramOperator(OperatorSpec spec) {
        double[] given = spec.floats("window_fn");
        windowLength =
                given.length > 0 && !spec.has("window_length")
                        ? given.length
                        : positive("window_length", spec.integer("window_length", 512));
        step = positive("window_step", spec.integer("window_step", 256));
        fftLength = positive("nfft", spec.integer("nfft", windowLength));
        squared = power(spec.integer("power", 2));
        centered = spec.flag("center_windows", true);
        reflected = spec.flag("reflect_padding", true);
        frequencyFirst = isFrequencyFirst(spec.text("layout").orElse("ft"));
        window = given.length > 0 ? given : hann(windowLength);
        if (window.length != windowLength || fftLength < windowLength) {
            throw new DaliException(
                    "Window of "
                            + window.length
                            + " values does not fit `window_length` "
                            + windowLength
                            + " and `nfft` "
                            + fftLength);
        }
        transform = new FourierTransform(fftLength);
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        if (input.rank() > 2 || (input.rank() == 2 && input.size() != input.dim(0))) {
            throw new DaliException("Spectrogram expects one channel of sound, got " + input);
        }
        double[] x = input.toDoubles();
        int windows = windows(x.length);
        int bins = transform.bins();
        Sample result =
                frequencyFirst
                        ? Sample.zeros(ElementType.FLOAT, "ft", bins, windows)
                        : Sample.zeros(ElementType.FLOAT, "tf", windows, bins);
        double[] frame = new double[fftLength];
        for (int w = 0; w < windows; w++) {
            int start = w * step - (centered ? windowLength / 2 : 0);
            for (int t = 0; t < windowLength; t++) {
                frame[t] = (float) (value(x, start + t) * window[t]);
            }
            double[] power = transform.power(frame);
            for (int b = 0; b < bins; b++) {
                double value = squared ? power[b] : Math.sqrt(power[b]);
                int position = frequencyFirst ? b * windows + w : w * bins + b;
                Elements.setSaturated(ElementType.FLOAT, result.data(), position, value);
            }
        }
        return List.of(result);
    }

    private int windows(int n) {
        if (centered) {
            return n == 0 ? 0 : n / step + 1;
        }
        return n < windowLength ? 0 : (n - windowLength) / step + 1;
    }

    private double value(double[] x, int index) {
        if (index >= 0 && index < x.length) {
            return x[index];
        }
        if (!centered || !reflected) {
            return 0;
        }
        int period = Math.max(1, 2 * (x.length - 1));
        int folded = Math.floorMod(index, period);
        return x[folded < x.length ? folded : period - folded];
    }

    private static double[] hann(int length) {
        double[] window = new double[length];
        for (int t = 0; t < length; t++) {
            window[t] = 0.5 * (1 - Math.cos(2 * Math.PI / length * (t + 0.5)));
        }
        return window;
    }

    private static int positive(String name, long value) {
        if (value < 1 || value > LONGEST) {
            throw new DaliException("`" + name + "` value " + value + " is not possible");
        }
        return (int) value;
    }

    private static boolean power(long power) {
        if (power != 1 && power != 2) {
            throw new DaliException("`power` can be only 1 or 2, received " + power);
        }
        return power == 2;
    }

    private static boolean isFrequencyFirst(String layout) {
        return switch (layout) {
            case "ft" -> true;
            case "tf" -> false;
            default -> throw new DaliException("Unexpected layout: " + layout);
        };
    }
}
