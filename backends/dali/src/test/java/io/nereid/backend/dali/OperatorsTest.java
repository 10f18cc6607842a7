package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorsTest {
    private static Sample sample(ElementType type, double... values) {
        Sample sample = Sample.zeros(type, "", values.length);
        Elements.fromDoubles(type, values, values.length, sample.data(), 0);
        return sample;
    }

    private static Sample image(int height, int width, int channels) {
        Sample image = Sample.zeros(ElementType.UINT8, "", height, width, channels);
        for (int i = 0; i < image.size(); i++) {
            image.data()[i] = (byte) (7 * i + 3);
        }
        return image;
    }

    private static PipelineText arithmetic(String expression) {
        return PipelineText.withInput("A", "B")
                .op("_ArithmeticGenericOp", "a", "A B")
                .arg("expression_desc", expression)
                .ints("integer_constants", 3, -2)
                .out("R");
    }

    @ParameterizedTest
    @CsvSource({
        "add(&0 &1),    UINT8, 200, UINT8, 100, UINT8, 44",
        "sub(&0 &1),    UINT8, 1, UINT16, 2, UINT16, 65535",
        "mul(&0 &1),    INT8, -3, UINT8, 200, INT16, -600",
        "div(&0 &1),    INT32, -7, INT32, 2, INT32, -3",
        "mod(&0 &1),    INT32, -7, INT32, 4, INT32, -3",
        "mod(&0 &1),    INT32, -7, UINT32, 4, INT64, 1",
        "mod(&0 &1),    FLOAT, 7, FLOAT, 4, FLOAT, -1",
        "pow(&0 &1),    INT32, 2, INT32, -1, INT32, 0",
        "pow(&0 &1),    INT32, 3, INT32, 4, INT32, 81",
        "fdiv(&0 &1),   INT32, 1, INT32, 4, FLOAT, 0.25",
        "min(&0 &1),    UINT8, 3, FLOAT, 2.5, FLOAT, 2.5",
        "gt(&0 &1),     UINT64, 1, INT64, -1, BOOL, 1",
        "bitxor(&0 &1), UINT8, 6, UINT8, 3, UINT8, 5",
        "mul(&0 &1),    BOOL, 1, BOOL, 0, BOOL, 0",
        "add(&0 $0:int32), UINT8, 255, UINT8, 0, INT32, 258",
        "clamp(&0 &1 $0:int32), INT32, 9, INT32, 1, INT32, 3",
    })
    void computesWithTheTypesOfC(
            String expression,
            ElementType leftType,
            double left,
            ElementType rightType,
            double right,
            ElementType resultType,
            double result)
            throws PipelineException {
        Sample computed =
                arithmetic(expression).run(sample(leftType, left), sample(rightType, right));
        assertThat(computed.type()).isEqualTo(resultType);
        assertThat(computed.doubleAt(0)).isEqualTo(result);
    }

    @Test
    void refusesWhatArithmeticCannotDo() throws PipelineException {
        Sample yes = sample(ElementType.BOOL, 1);
        Sample real = Sample.ofFloats(1);
        Sample zero = sample(ElementType.INT32, 0);
        assertThat(arithmetic("add(&0 &1)").failure(yes, yes))
                .contains("Inputs to arithmetic operator `+` cannot be booleans. Consider using");
        assertThat(arithmetic("bitand(&0 &1)").failure(real, yes))
                .endsWith("Inputs to bitwise operator `&` must be of integral type.");
        assertThat(arithmetic("div(&0 &1)").failure(zero, zero))
                .endsWith("Integer division by zero.");
        assertThat(arithmetic("mod(&0 &1)").failure(zero, zero))
                .endsWith("Integer division by zero.");
        assertThat(
                        arithmetic("add(&0 &1)")
                                .failure(Sample.ofFloats(1, 2), Sample.ofFloats(1, 2, 3)))
                .contains("Can't broadcast shapes");
        assertThatThrownBy(arithmetic("add(&0 mul(&1 &1))")::read)
                .hasMessageContaining("Complex expression trees are not yet supported.");
        assertThatThrownBy(arithmetic("frobnicate(&0 &1)")::read)
                .hasMessageContaining("No implementation for op \"frobnicate\".");
        assertThatThrownBy(arithmetic("add(&0 &7)")::read).hasMessageContaining("missing input 7");
    }

    @Test
    void broadcastsLikeNumpy() throws PipelineException {
        Sample column = Sample.ofFloats(10, 20).withDims("", 2, 1);
        Sample sum = arithmetic("add(&0 &1)").run(column, Sample.ofFloats(1, 2, 3));
        assertThat(sum.dims()).containsExactly(2, 3);
        assertThat(sum.toDoubles()).containsExactly(11, 12, 13, 21, 22, 23);
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 0.5, 1",
        "UINT8, 2.5, 3",
        "UINT8, -0.6, 0",
        "UINT8, 300, 255",
        "UINT8, NaN, 0",
        "INT8, -2.5, -3",
        "INT8, 1000, 127",
        "INT64, 1e30, 9223372036854775807",
        "UINT64, -4, 0",
        "UINT64, 1e30, 18446744073709551615",
        "UINT32, 5e9, 4294967295",
        "BOOL, 0.2, 1",
        "BOOL, 0, 0",
        "FLOAT16, 1e6, 65504",
        "INT32, NaN, 0"
    })
    void convertsWithSaturation(ElementType type, double value, double expected)
            throws PipelineException {
        Sample converted =
                PipelineText.withInput("A")
                        .op("Cast", "c", "A")
                        .arg("dtype", type.id())
                        .out("C")
                        .run(sample(ElementType.FLOAT64, value));
        assertThat(converted.doubleAt(0)).isEqualTo(expected);
    }

    @Test
    void saturatesBetweenIntegers() throws PipelineException {
        PipelineText cast =
                PipelineText.withInput("A").op("Cast", "c", "A").arg("dtype", 4).out("C");
        assertThat(cast.run(sample(ElementType.UINT64, 1e19, 5)).toDoubles())
                .containsExactly(127, 5);
        assertThat(cast.run(sample(ElementType.INT32, -1000, -5)).toDoubles())
                .containsExactly(-128, -5);
    }

    @Test
    void placesCropsByRoundingHalfAwayFromZero() throws PipelineException {
        Sample cropped =
                PipelineText.withInput("A")
                        .op("Crop", "c", "A")
                        .floats("crop", 1, 3)
                        .out("C")
                        .run(image(1, 4, 1));
        assertThat(cropped.data()).containsExactly(10, 17, 24);
    }

    @Test
    void refusesImpossibleCrops() throws PipelineException {
        PipelineText large =
                PipelineText.withInput("A").op("Crop", "c", "A").floats("crop", 9, 2).out("C");
        assertThat(large.failure(image(4, 4, 3)))
                .endsWith(
                        "Slice can't be placed out of bounds with current policy. Got:"
                                + " input_shape={4, 4, 3}, slice_anchor={-3, 1, 0},"
                                + " slice_shape={9, 2, 3}");
        PipelineText anchor =
                PipelineText.withInput("A")
                        .op("Crop", "c", "A")
                        .floats("crop", 2, 2)
                        .arg("crop_pos_x", 1.5f)
                        .out("C");
        assertThat(anchor.failure(image(4, 4, 3)))
                .endsWith("Anchor for dimension 2 (1.5) is out of range [0.0, 1.0]");
        assertThatThrownBy(
                        PipelineText.withInput("A").op("Crop", "c", "A").arg("crop_w", 3f).out("C")
                                ::read)
                .hasMessageContaining("`crop_w` and `crop_h` arguments must be provided together");
    }

    @Test
    void refusesImpossibleNormalization() throws PipelineException {
        PipelineText layout =
                PipelineText.withInput("A")
                        .op("CropMirrorNormalize", "c", "A")
                        .arg("output_layout", "HWW")
                        .out("C");
        assertThat(layout.failure(image(2, 2, 3)))
                .endsWith("The requested output layout is not a permutation of input layout.");
        PipelineText sizes =
                PipelineText.withInput("A")
                        .op("CropMirrorNormalize", "c", "A")
                        .floats("mean", 1, 2, 3)
                        .floats("std", 1, 2)
                        .out("C");
        assertThat(sizes.failure(image(2, 2, 3)))
                .contains("``mean`` and ``std`` must either be of the same size, be scalars, or");
    }

    @Test
    void readsNoLayoutButTheAllowed() throws PipelineException {
        PipelineText text =
                new PipelineText()
                        .op("ExternalSource", "A", "")
                        .arg("layout", "ZYX")
                        .out("A")
                        .op("Resize", "r", "A")
                        .arg("resize_x", 4f)
                        .out("R");
        assertThat(text.failure(image(2, 2, 3)))
                .contains("The layout \"ZYX\" does not match any of the allowed layouts: HWC,");
    }

    @Test
    void refusesTwoWaysOfGivingASize() {
        assertThatThrownBy(
                        PipelineText.withInput("A")
                                        .op("Resize", "r", "A")
                                        .arg("resize_x", 4f)
                                        .arg("resize_shorter", 4f)
                                        .out("R")
                                ::read)
                .hasMessageContaining(
                        "Exactly one method of specifying size must be used. The available methods:");
    }

    @Test
    void refusesAResultThatIsTooLarge() throws PipelineException {
        PipelineText resize =
                PipelineText.withInput("A").op("Resize", "r", "A").arg("resize_x", 2e9f).out("R");
        assertThat(resize.failure(image(4, 4, 3))).contains("is not possible");
        PipelineText pad =
                PipelineText.withInput("A").op("Pad", "p", "A").ints("shape", 100_000).out("P");
        assertThat(pad.failure(image(4, 4, 3))).contains("would take more than 1073741824 bytes");
    }

    @Test
    void keepsSizesAsSecondOutputOfAResize() throws PipelineException {
        Sample sizes =
                PipelineText.withInput("A")
                        .op("Resize", "r", "A")
                        .arg("resize_x", 4f)
                        .arg("save_attrs", true)
                        .out("R[0]")
                        .out("R[1]")
                        .run(image(5, 6, 3));
        assertThat(sizes.toDoubles()).containsExactly(5, 6);
    }

    @Test
    void appliesEveryBoundaryPolicy() throws PipelineException {
        assertThat(sliced("reflect", -2, 6)).containsExactly(2, 1, 1, 2, 3, 4, 4, 3);
        assertThat(sliced("reflect_101", -2, 6)).containsExactly(3, 2, 1, 2, 3, 4, 3, 2);
        assertThat(sliced("wrap", -1, 5)).containsExactly(4, 1, 2, 3, 4, 1);
        assertThat(sliced("Edge", -1, 5)).containsExactly(1, 1, 2, 3, 4, 4);
        assertThat(sliced("pad", -1, 5)).containsExactly(9, 1, 2, 3, 4, 9);
        assertThat(sliced("trim_to_shape", -1, 5)).containsExactly(1, 2, 3, 4);
        assertThatThrownBy(() -> sliced("bounce", 0, 1))
                .hasMessageContaining("Unknown out-of-bounds policy: \"bounce\"");
    }

    private static double[] sliced(String policy, long from, long to) throws PipelineException {
        return PipelineText.withInput("A")
                .op("Slice", "s", "A")
                .ints("start", from)
                .ints("end", to)
                .ints("axes", 0)
                .arg("out_of_bounds_policy", policy)
                .floats("fill_values", 9.7f)
                .out("S")
                .run(sample(ElementType.INT32, 1, 2, 3, 4))
                .toDoubles();
    }

    @Test
    void slicesByRelativeCoordinates() throws PipelineException {
        Sample part =
                PipelineText.withInput("A", "from", "size")
                        .op("Slice", "s", "A from size")
                        .ints("axes", 0)
                        .out("S")
                        .run(
                                Sample.ofFloats(1, 2, 3, 4),
                                Sample.ofFloats(0.25f),
                                Sample.ofFloats(0.5f));
        assertThat(part.toDoubles()).containsExactly(2, 3);
    }

    @Test
    void refusesImpossibleSlices() throws PipelineException {
        PipelineText backwards =
                PipelineText.withInput("A")
                        .op("Slice", "s", "A")
                        .ints("start", 3)
                        .ints("end", 1)
                        .ints("axes", 0)
                        .out("S");
        assertThat(backwards.failure(Sample.ofFloats(1, 2, 3, 4)))
                .endsWith("end coordinates can't be before start coordinates. Got: start=3 end=1");
        assertThatThrownBy(PipelineText.withInput("A", "B").op("Slice", "s", "A B").out("S")::read)
                .hasMessageContaining(
                        "Expected named slice arguments (e.g. start/end, start/shape) or"
                                + " positional inputs (start, shape). Got 2 inputs.");
    }

    @Test
    void refusesImpossibleShapes() throws PipelineException {
        PipelineText text =
                PipelineText.withInput("A").op("Reshape", "r", "A").ints("shape", 2, 3).out("R");
        assertThat(text.failure(Sample.ofFloats(1, 2, 3, 4)))
                .endsWith(
                        "The volume of the new shape should match the one of the original shape."
                                + " Requested a shape with 6 elements but the original shape has 4"
                                + " elements.");
    }

    @Test
    void reinterpretsBytes() throws PipelineException {
        Sample bytes =
                PipelineText.withInput("A")
                        .op("Reinterpret", "r", "A")
                        .arg("dtype", 0)
                        .out("R")
                        .run(Sample.ofFloats(1, 2));
        assertThat(bytes.dims()).containsExactly(8);
        assertThat(bytes.data()).containsExactly(0, 0, -128, 63, 0, 0, 0, 64);
    }

    @Test
    void refusesJoinsOfDifferentKinds() throws PipelineException {
        PipelineText text = PipelineText.withInput("A", "B").op("Cat", "c", "A B").out("C");
        assertThat(text.failure(Sample.ofFloats(1), sample(ElementType.INT32, 1)))
                .contains("All inputs must have the same type and number of dimensions.");
    }

    @Test
    void skipsEmptyInputsOfAJoin() throws PipelineException {
        PipelineText text = PipelineText.withInput("A", "B").op("Cat", "c", "A B").out("C");
        assertThat(text.run(Sample.ofFloats(), Sample.ofFloats(5)).toDoubles()).containsExactly(5);
    }

    @Test
    void refusesImpossibleSubscripts() throws PipelineException {
        assertThat(subscript("at_0", 4).failure(Sample.ofFloats(1, 2)))
                .contains("Index 4 is out of range for axis 0 of length 2");
        assertThat(subscript("step_0", 0).failure(Sample.ofFloats(1, 2)))
                .contains("Step cannot be zero");
        assertThat(subscript("at_1", 0).failure(Sample.ofFloats(1, 2)))
                .endsWith("Too many indices (2) for a 1D tensor.");
        assertThat(subscript("at_0", 0).failure(Sample.zeros(ElementType.FLOAT, "")))
                .endsWith("Cannot apply an index to a scalar.");
    }

    private static PipelineText subscript(String argument, long value) {
        return PipelineText.withInput("A")
                .op("_TensorSubscript", "s", "A")
                .arg(argument, value)
                .out("S");
    }

    @Test
    void makesConstantsZerosAndOnes() throws PipelineException {
        PipelineText text = new PipelineText();
        text.op("Constant", "c", "").ints("idata", 5).ints("shape", 2, 2).arg("dtype", 0).out("C");
        text.op("OnesLike", "o", "C").out("O");
        text.op("FullLike", "f", "O C").out("F");
        Sample filled = text.run();
        assertThat(filled.type()).isEqualTo(ElementType.UINT8);
        assertThat(filled.dims()).containsExactly(2, 2);
        assertThat(filled.data()).containsExactly(5, 5, 5, 5);
    }

    @Test
    void rotatesCounterClockwiseAndGrowsTheCanvas() throws PipelineException {
        Sample turned =
                PipelineText.withInput("A")
                        .op("Rotate", "r", "A")
                        .arg("angle", 90f)
                        .arg("interp_type", 0)
                        .out("R")
                        .run(image(1, 3, 1));
        assertThat(turned.dims()).containsExactly(3, 1, 1);
        assertThat(turned.data()).containsExactly(17, 10, 3);
    }

    @Test
    void blursWithoutChangingTheMean() throws PipelineException {
        Sample flat = Sample.zeros(ElementType.UINT8, "", 8, 9, 3);
        Arrays.fill(flat.data(), (byte) 77);
        PipelineText blur =
                new PipelineText()
                        .op("ExternalSource", "A", "")
                        .arg("layout", "HWC")
                        .out("A")
                        .op("GaussianBlur", "g", "A")
                        .arg("sigma", 1.5f)
                        .out("G");
        assertThat(blur.run(flat).data()).isEqualTo(flat.data());
    }

    @Test
    void reducesOverAxes() throws PipelineException {
        Sample table = sample(ElementType.UINT8, 1, 2, 3, 250, 251, 252).withDims("", 2, 3);
        assertThat(reduced("Sum", table).type()).isEqualTo(ElementType.UINT64);
        assertThat(reduced("Sum", table).toDoubles()).containsExactly(6, 753);
        assertThat(reduced("Max", table).toDoubles()).containsExactly(3, 252);
        assertThat(reduced("Mean", table).toDoubles()).containsExactly(2, 251);
        assertThat(reduced("RMS", table).doubleAt(0)).isCloseTo(2.160247, within(1e-5));
    }

    private static Sample reduced(String kind, Sample table) throws PipelineException {
        return PipelineText.withInput("A")
                .op("reductions__" + kind, "r", "A")
                .ints("axes", 1)
                .out("R")
                .run(table);
    }

    @Test
    void turnsColoursAndLeavesGraysAlone() throws PipelineException {
        Sample pixels = sample(ElementType.UINT8, 100, 100, 100, 255, 0, 0).withDims("", 1, 2, 3);
        Sample turned =
                PipelineText.withInput("A")
                        .op("Hsv", "h", "A")
                        .arg("hue", 120f)
                        .out("H")
                        .run(pixels);
        for (int c = 0; c < 3; c++) {
            assertThat(turned.doubleAt(c)).isCloseTo(100, within(1.0));
        }
        assertThat(turned.doubleAt(4)).isGreaterThan(turned.doubleAt(3));
    }

    @Test
    void refusesEncodedInputOfTheWrongKind() throws PipelineException {
        PipelineText decode = PipelineText.withInput("A").op("decoders__Image", "d", "A").out("D");
        assertThat(decode.failure(Sample.ofFloats(1)))
                .isEqualTo(
                        "Error in CPU operator `nvidia.dali.fn.decoders.image` encountered:\n\n"
                                + "Input must be stored as uint8 data.");
        assertThat(decode.failure(image(2, 2, 3)))
                .endsWith("Input must be 1D encoded jpeg string.");
    }

    @Test
    void cropsWhileDecoding() throws PipelineException {
        Sample encoded = Npy.sample("images/12_tiny.png");
        Sample whole =
                PipelineText.withInput("A").op("decoders__Image", "d", "A").out("D").run(encoded);
        Sample part =
                PipelineText.withInput("A")
                        .op("ImageDecoderCrop", "d", "A")
                        .floats("crop", 1, 1)
                        .arg("crop_pos_x", 0f)
                        .arg("crop_pos_y", 0f)
                        .out("D")
                        .run(encoded);
        assertThat(part.dims()).containsExactly(1, 1, 3);
        assertThat(part.data()).containsExactly(whole.data()[0], whole.data()[1], whole.data()[2]);
    }

    @Test
    void normalizesOverTheWholeBatchOnRequest() throws PipelineException {
        Sample normalized =
                PipelineText.withInput("A")
                        .op("Normalize", "n", "A")
                        .arg("batch", true)
                        .out("N")
                        .run(Sample.ofFloats(1, 3));
        assertThat(normalized.toDoubles()).containsExactly(-1, 1);
    }
}
