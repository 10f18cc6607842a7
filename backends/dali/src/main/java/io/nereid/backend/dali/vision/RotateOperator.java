package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code Rotate}: by an angle around the centre (DALI section 13). */
public final class RotateOperator implements SampleOperator {
    private static final double TOLERANCE = 0.01;

    private final Warp warp;
    private final Scalar angle;
    private final Numbers size;
    private final boolean keepSize;

    public RotateOperator(OperatorSpec spec) {
        spec.require("angle");
        warp = new Warp(spec);
        angle = spec.scalar("angle", 0);
        size = spec.numbers("size");
        keepSize = spec.flag("keep_size", false);
        if (spec.has("axis")) {
            throw new DaliException("Rotation of volumes (`axis`) is not supported");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, WarpAffineOperator.LAYOUTS);
        int axis = layout.indexOf('H');
        int height = input.dim(axis);
        int width = input.dim(axis + 1);
        double radians = Math.toRadians(angle.floatValue(call));
        int[] out =
                size.given()
                        ? WarpAffineOperator.size(size.values(call, 2))
                        : keepSize ? new int[] {height, width} : canvas(height, width, radians);
        AffineMap map = AffineMap.rotation(radians, height, width, out[0], out[1]);
        return List.of(warp.run(call, input, layout, out[0], out[1], map));
    }

    /** Room for the whole turned picture, with the parity of its sides. */
    static int[] canvas(int height, int width, double radians) {
        double cos = Math.abs(Math.cos(radians));
        double sin = Math.abs(Math.sin(radians));
        int w = (int) Math.ceil(cos * width + sin * height - TOLERANCE);
        int h = (int) Math.ceil(cos * height + sin * width - TOLERANCE);
        boolean upright = sin <= cos;
        w += (w - (upright ? width : height)) & 1;
        h += (h - (upright ? height : width)) & 1;
        return new int[] {h, w};
    }
}
