package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** {@code Resize}: to a size, with the filters of DALI section 7. */
public final class ResizeOperator implements SampleOperator {
    private final ResampleTables tables = new ResampleTables();
    private final ResizeSize size;
    private final Scalar interpolation;
    private final Scalar minFilter;
    private final Scalar magFilter;
    private final boolean antialias;
    private final boolean saveAttributes;
    private final Optional<ElementType> type;

    public ResizeOperator(OperatorSpec spec) {
        size = new ResizeSize(spec);
        interpolation = spec.scalar("interp_type", -1);
        minFilter = spec.scalar("min_filter", -1);
        magFilter = spec.scalar("mag_filter", -1);
        antialias = spec.flag("antialias", true);
        saveAttributes = spec.flag("save_attrs", false);
        type = spec.type("dtype");
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, Layouts.RESIZE);
        int[] axes = Layouts.axes(layout, layout.contains("D") ? "DHW" : "HW");
        int[] extents = new int[axes.length];
        for (int d = 0; d < axes.length; d++) {
            extents[d] = input.dim(axes[d]);
        }
        ElementType outType = type.orElse(input.type());
        if (outType != input.type() && outType != ElementType.FLOAT) {
            throw new DaliException(
                    "Output type must be the input's type or float, got " + outType.label());
        }
        ResizeSize.Axis[] sizes = size.axes(call, extents);
        Sample resized = resize(call, input, layout, axes, sizes, outType);
        return saveAttributes ? List.of(resized, attributes(extents)) : List.of(resized);
    }

    private Sample resize(
            Call call,
            Sample input,
            String layout,
            int[] axes,
            ResizeSize.Axis[] sizes,
            ElementType outType) {
        List<Resampler.Pass> passes = new ArrayList<>();
        boolean empty = input.size() == 0;
        int[] dims = input.dims();
        for (int d = 0; d < axes.length; d++) {
            ResizeSize.Axis axis = sizes[d];
            dims[axes[d]] = axis.out();
            if (!empty) {
                passes.add(
                        new Resampler.Pass(
                                axes[d],
                                axis.out(),
                                tables.of(key(call, input.dim(axes[d]), axis))));
            }
        }
        if (empty) {
            return Sample.zeros(outType, layout, dims);
        }
        // the largest reduction first: it leaves the least work for the rest
        passes.sort(
                Comparator.comparingDouble(pass -> (double) pass.out() / input.dim(pass.axis())));
        return Resampler.run(input, passes, outType, layout);
    }

    private ResampleTable.Key key(Call call, int in, ResizeSize.Axis axis) {
        boolean reduces = axis.out() < Math.abs(axis.hi() - axis.lo());
        Scalar special = reduces ? minFilter : magFilter;
        Scalar chosen = special.given() ? special : interpolation;
        Filter filter =
                chosen.given()
                        ? Filter.ofId(chosen.integer(call))
                        : reduces ? Filter.TRIANGULAR : Filter.LINEAR;
        boolean smooth = antialias && reduces;
        return new ResampleTable.Key(
                in, axis.out(), axis.lo(), axis.hi(), filter.with(smooth), smooth);
    }

    private static Sample attributes(int[] extents) {
        Sample sizes = Sample.zeros(ElementType.INT32, "", extents.length);
        for (int d = 0; d < extents.length; d++) {
            Elements.setWrapped(ElementType.INT32, sizes.data(), d, extents[d]);
        }
        return sizes;
    }
}
