package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.image.ImageInfo;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code peek_image_shape}: height, width and channels from the header (DALI section 6.3). */
public final class PeekImageShapeOperator implements SampleOperator {
    private final ImageDecoder decoder;
    private final ElementType type;
    private final boolean upright;

    /**
     * @param upright whether height and width are those of the upright picture by default
     */
    public PeekImageShapeOperator(OperatorSpec spec, ImageDecoder decoder, boolean upright) {
        this.decoder = decoder;
        this.type = spec.type("dtype", "type").orElse(ElementType.INT64);
        this.upright = upright && spec.flag("adjust_orientation", true);
    }

    @Override
    public List<Sample> run(Call call) {
        ImageInfo info = decoder.peek(DecodeImageOperator.encoded(call.input()));
        boolean exchange = upright && info.isLying();
        double[] shape = {
            exchange ? info.width() : info.height(),
            exchange ? info.height() : info.width(),
            info.channels()
        };
        Sample result = Sample.zeros(type, "", shape.length);
        Elements.fromDoubles(type, shape, shape.length, result.data(), 0);
        return List.of(result);
    }
}
