package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code GaussianBlur} over all axes but channels and frames, mirrored at the edges without
 * repeating the last pixel (DALI section 13).
 */
public final class GaussianBlurOperator implements SampleOperator {
    private static final double MAX_WINDOW = 8191;

    private final Numbers sigma;
    private final Numbers windowSize;
    private final Optional<ElementType> type;

    public GaussianBlurOperator(OperatorSpec spec) {
        sigma = spec.numbers("sigma");
        windowSize = spec.numbers("window_size");
        type = spec.type("dtype");
        if (!sigma.given() && !windowSize.given()) {
            throw new DaliException("`sigma` or `window_size` must be specified");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < input.rank(); axis++) {
            char letter = input.layout().isEmpty() ? ' ' : input.layout().charAt(axis);
            if (letter != 'C' && letter != 'F') {
                axes.add(axis);
            }
        }
        if (axes.isEmpty() || input.size() == 0) {
            return List.of(input.convertedTo(type.orElse(input.type())));
        }
        double[] sigmas = sigma.given() ? sigma.values(call, axes.size()) : new double[axes.size()];
        double[] windows =
                windowSize.given() ? windowSize.values(call, axes.size()) : new double[axes.size()];
        List<Resampler.Pass> passes = new ArrayList<>();
        for (int i = 0; i < sigmas.length; i++) {
            passes.add(pass(input, axes.get(i), sigmas[i], windows[i]));
        }
        return List.of(Resampler.run(input, passes, type.orElse(input.type()), input.layout()));
    }

    private static Resampler.Pass pass(Sample input, int axis, double sigma, double window) {
        double size = window > 0 ? window : 2 * Math.ceil(3 * sigma) + 1;
        double spread = sigma > 0 ? sigma : ((size - 1) / 2 - 1) * 0.3 + 0.8;
        if (!(spread > 0) || size % 2 != 1 || size > MAX_WINDOW) {
            throw new DaliException(
                    "Gaussian window of size "
                            + size
                            + " with sigma "
                            + spread
                            + " is not possible: the size must be odd and at most "
                            + (int) MAX_WINDOW
                            + ", sigma positive");
        }
        int n = input.dim(axis);
        return new Resampler.Pass(axis, n, ResampleTable.gaussian(n, (int) size, spread));
    }
}
