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
import java.util.List;
import java.util.Optional;

/**
 * {@code Hsv}, {@code Hue}, {@code Saturation} and {@code ColorTwist}: linear maps of RGB that turn
 * and stretch colours in the chroma plane of YIQ (DALI section 12.3).
 */
public final class ColorTwistOperator implements SampleOperator {
    private static final List<String> LAYOUTS = List.of("HWC", "FHWC", "DHWC");
    private static final double[][] TO_YIQ = {
        {0.299, 0.587, 0.114}, {0.596, -0.274, -0.321}, {0.211, -0.523, 0.311}
    };
    private static final double[][] TO_RGB = {
        {1, 0.956, 0.621}, {1, -0.272, -0.647}, {1, -1.107, 1.705}
    };

    private final Scalar hue;
    private final Scalar saturation;
    private final Scalar brightness;
    private final Scalar contrast;
    private final Optional<ElementType> type;

    private ColorTwistOperator(
            OperatorSpec spec, String brightnessName, Optional<ElementType> type) {
        this.hue = spec.scalar("hue", 0);
        this.saturation = spec.scalar("saturation", 1);
        this.brightness = spec.scalar(brightnessName, 1);
        this.contrast = spec.scalar("contrast", 1);
        this.type = type;
    }

    /** {@code Hsv}: its brightness is called value, its results are UINT8 by default. */
    public static ColorTwistOperator hsv(OperatorSpec spec) {
        ElementType type = spec.type("dtype").orElse(ElementType.UINT8);
        return new ColorTwistOperator(spec, "value", Optional.of(type));
    }

    /** {@code ColorTwist} and the operators that are parts of it. */
    public static ColorTwistOperator twist(OperatorSpec spec) {
        return new ColorTwistOperator(spec, "brightness", spec.type("dtype"));
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, LAYOUTS);
        if (input.dim(input.rank() - 1) != 3) {
            throw new DaliException("Only three-channel RGB images are supported, got " + input);
        }
        ElementType outType = type.orElse(input.type());
        double b = brightness.value(call);
        double c = contrast.value(call);
        double[][] matrix = matrix(Math.toRadians(hue.value(call)), saturation.value(call), b * c);
        double half = BrightnessContrastOperator.halfRange(input.type());
        float offset = (float) ((half - half * c) * b);
        float[] values = input.toFloats();
        for (int p = 0; p < values.length; p += 3) {
            apply(matrix, offset, values, p);
        }
        Sample result = Sample.zeros(outType, layout, input.dims());
        Elements.fromFloats(outType, values, values.length, result.data(), 0);
        return List.of(result);
    }

    private static void apply(double[][] matrix, float offset, float[] values, int p) {
        float r = values[p];
        float g = values[p + 1];
        float b = values[p + 2];
        for (int i = 0; i < 3; i++) {
            values[p + i] =
                    (float) (matrix[i][0] * r + matrix[i][1] * g + matrix[i][2] * b) + offset;
        }
    }

    private static double[][] matrix(double angle, double saturation, double factor) {
        double cos = Math.cos(angle) * saturation;
        double sin = Math.sin(angle) * saturation;
        double[][] chroma = {{1, 0, 0}, {0, cos, sin}, {0, -sin, cos}};
        double[][] product = times(TO_RGB, times(chroma, TO_YIQ));
        for (double[] row : product) {
            for (int i = 0; i < row.length; i++) {
                row[i] *= factor;
            }
        }
        return product;
    }

    private static double[][] times(double[][] a, double[][] b) {
        double[][] product = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 3; k++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }
}
