package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Optional;

/** {@code Zeros}, {@code Ones}, {@code Full} and what is like them (DALI section 10). */
public final class FullOperator implements SampleOperator {
    private enum Content {
        ZERO,
        ONE,
        INPUT
    }

    private final Content content;
    private final boolean like;
    private final Numbers shape;
    private final Scalar fill;
    private final Optional<ElementType> type;
    private final String layout;

    private FullOperator(OperatorSpec spec, Content content, boolean like) {
        this.content = content;
        this.like = like;
        this.shape = spec.numbers("shape");
        this.fill = spec.scalar("fill_value", 0);
        this.type = spec.type("dtype");
        this.layout = spec.text("layout").orElse("");
        if (content == Content.INPUT && spec.inputCount() < (like ? 2 : 1)) {
            spec.require("fill_value");
        }
    }

    /** {@code Zeros} and {@code ZerosLike}. */
    public static FullOperator zeros(OperatorSpec spec, boolean like) {
        return new FullOperator(spec, Content.ZERO, like);
    }

    /** {@code Ones} and {@code OnesLike}. */
    public static FullOperator ones(OperatorSpec spec, boolean like) {
        return new FullOperator(spec, Content.ONE, like);
    }

    /** {@code Full} and {@code FullLike}, whose value is the last input. */
    public static FullOperator full(OperatorSpec spec, boolean like) {
        return new FullOperator(spec, Content.INPUT, like);
    }

    @Override
    public List<Sample> run(Call call) {
        Optional<Sample> value =
                content == Content.INPUT ? call.input(like ? 1 : 0) : Optional.empty();
        int[] dims =
                like
                        ? call.input().dims()
                        : shape.present()
                                ? dims(shape.values(call))
                                : value.map(Sample::dims).orElse(new int[0]);
        ElementType target = type.orElse(value.map(Sample::type).orElse(ElementType.INT32));
        Sample result = Sample.zeros(target, layout, dims);
        if (content == Content.ZERO) {
            return List.of(result);
        }
        int n = value.map(Sample::size).orElse(1);
        if (n != 1 && n != result.size()) {
            throw new DaliException("Cannot fill " + result + " with " + n + " values");
        }
        for (int i = 0; i < result.size(); i++) {
            int from = n == 1 ? 0 : i;
            double element =
                    content == Content.ONE
                            ? 1
                            : value.map(v -> v.doubleAt(from)).orElse(fill.value(call));
            Elements.setSaturated(target, result.data(), i, element);
        }
        return List.of(result);
    }

    private static int[] dims(double[] values) {
        long[] dims = new long[values.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (long) values[i];
        }
        return Sample.checkedDims(dims);
    }
}
