package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Optional;

/** {@code Reshape} and {@code Reinterpret}: the same bytes in another form (DALI section 10). */
public final class ReshapeOperator implements SampleOperator {
    private final Numbers shape;
    private final Numbers relativeShape;
    private final Numbers sourceDims;
    private final Optional<String> layout;
    private final Optional<ElementType> type;
    private final boolean shapeInput;

    private ReshapeOperator(OperatorSpec spec, Optional<ElementType> type) {
        this.shape = spec.numbers("shape");
        this.relativeShape = spec.numbers("rel_shape");
        this.sourceDims = spec.numbers("src_dims");
        this.layout = spec.text("layout");
        this.type = type;
        this.shapeInput = spec.inputCount() > 1;
        int ways =
                (shape.present() ? 1 : 0)
                        + (relativeShape.present() ? 1 : 0)
                        + (shapeInput ? 1 : 0);
        if (ways > 1) {
            throw new DaliException(
                    "`shape`, `rel_shape` and a second input cannot be used together");
        }
        if (sourceDims.present() && (shape.present() || shapeInput)) {
            throw new DaliException("`src_dims` can only be used alone or with `rel_shape`");
        }
    }

    /** {@code Reshape}. */
    public static ReshapeOperator reshape(OperatorSpec spec) {
        return new ReshapeOperator(spec, Optional.empty());
    }

    /** {@code Reinterpret}, which may also change the type. */
    public static ReshapeOperator reinterpret(OperatorSpec spec) {
        return new ReshapeOperator(spec, spec.type("dtype"));
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        ElementType target = type.orElse(input.type());
        long[] wanted = wanted(call, input);
        boolean given =
                shape.present() || shapeInput || relativeShape.present() || sourceDims.present();
        long elements = input.data().length / target.byteSize();
        if (!given && target != input.type()) {
            adaptLast(input, target, wanted);
        }
        int[] dims = inferred(wanted, elements, input.size());
        String kept = dims.length == input.rank() ? input.layout() : "";
        String newLayout = layout.orElse(kept);
        if (!newLayout.isEmpty() && newLayout.length() != dims.length) {
            throw new DaliException(
                    "The layout \""
                            + newLayout
                            + "\" does not fit a shape of "
                            + dims.length
                            + " dimensions");
        }
        return List.of(Sample.wrap(target, newLayout, input.data(), dims));
    }

    private long[] wanted(Call call, Sample input) {
        if (shapeInput) {
            return integers(call.inputs().get(1).toDoubles());
        }
        if (shape.present()) {
            return integers(shape.values(call));
        }
        if (relativeShape.present()) {
            return relative(call, input);
        }
        if (sourceDims.present()) {
            double[] axes = sourceDims.values(call);
            long[] wanted = new long[axes.length];
            for (int i = 0; i < axes.length; i++) {
                wanted[i] = axes[i] < 0 ? 1 : extent(input, (long) axes[i]);
            }
            return wanted;
        }
        long[] same = new long[input.rank()];
        for (int i = 0; i < same.length; i++) {
            same[i] = input.dim(i);
        }
        return same;
    }

    private long[] relative(Call call, Sample input) {
        double[] factors = relativeShape.values(call);
        double[] axes = sourceDims.present() ? sourceDims.values(call) : new double[0];
        if (sourceDims.present() && axes.length != factors.length) {
            throw new DaliException("`src_dims` and `rel_shape` must have the same length");
        }
        long[] wanted = new long[factors.length];
        for (int i = 0; i < factors.length; i++) {
            long axis = axes.length > 0 ? (long) axes[i] : i;
            long base = factors[i] < 0 || axis < 0 ? 1 : extent(input, axis);
            wanted[i] = factors[i] < 0 ? -1 : (long) Elements.roundAway((float) factors[i] * base);
        }
        return wanted;
    }

    private static long extent(Sample input, long axis) {
        return input.dim(Layouts.axis(axis, input.rank()));
    }

    private static void adaptLast(Sample input, ElementType target, long[] wanted) {
        if (wanted.length == 0) {
            return;
        }
        int last = wanted.length - 1;
        long bytes = wanted[last] * input.type().byteSize();
        if (bytes % target.byteSize() != 0) {
            throw new DaliException(
                    "The last extent of "
                            + input
                            + " is not a whole number of elements of type "
                            + target.label());
        }
        wanted[last] = bytes / target.byteSize();
    }

    private static int[] inferred(long[] wanted, long elements, long original) {
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] < 0) {
                if (unknown >= 0) {
                    throw new DaliException("Only one extent of the new shape can be inferred");
                }
                unknown = i;
            } else {
                Sample.checkedDims(wanted[i]);
                known = Math.min(known * wanted[i], Long.MAX_VALUE >> 32);
            }
        }
        if (unknown >= 0) {
            wanted[unknown] = known == 0 ? 0 : elements / known;
            known *= wanted[unknown];
        }
        if (known != elements) {
            throw new DaliException(
                    "The volume of the new shape should match the one of the original shape."
                            + " Requested a shape with "
                            + known
                            + " elements but the original shape has "
                            + original
                            + " elements.");
        }
        return Sample.checkedDims(wanted);
    }

    private static long[] integers(double[] values) {
        long[] integers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            integers[i] = (long) values[i];
        }
        return integers;
    }
}
