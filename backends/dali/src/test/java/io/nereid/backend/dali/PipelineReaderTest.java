package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.dali.pipeline.Parallel;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.tensor.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineReaderTest {
    @Test
    void refusesAnUnknownOperatorByItsNameEvenWhenNothingNeedsIt() {
        PipelineText text =
                PipelineText.withInput("A").op("VideoReader", "v", "A").out("V").output("A");
        assertRefused(
                text,
                "operator 'v' (VideoReader): Schema for operator 'VideoReader' not registered");
    }

    @Test
    void refusesBytesThatAreNoPipeline() {
        byte[] python = "@autoserialize\ndef pipe(): pass\n".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Pipelines.reader().read(python))
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.isReadable()).isFalse());
        assertThatThrownBy(() -> Pipelines.reader().read(new byte[0]))
                .isInstanceOf(PipelineException.class);
    }

    @Test
    void refusesAnInputThatIsMadeLater() {
        PipelineText forward =
                PipelineText.withInput("A")
                        .op("Copy", "c", "B")
                        .out("C")
                        .op("Copy", "b", "C")
                        .out("B");
        assertRefused(
                forward, "operator 'c' (Copy): input 'B' is not made by any operator before it");
    }

    @Test
    void refusesACycleAndATensorMadeTwice() {
        assertRefused(
                PipelineText.withInput("A").op("Copy", "c", "C").out("C"),
                "input 'C' is not made by any operator before it");
        assertRefused(
                PipelineText.withInput("A").op("Copy", "c", "A").out("A"),
                "the tensor 'A' is made more than once");
    }

    @Test
    void refusesAnOutputThatNobodyMakes() {
        assertRefused(
                PipelineText.withInput("A").output("nowhere"),
                "output 'nowhere' is not made by any operator before it");
    }

    @Test
    void refusesAPipelineWithoutOutputs() {
        PipelineText text = PipelineText.withInput("A");
        assertThatThrownBy(() -> Pipelines.reader().read(text.definition().build().toByteArray()))
                .hasMessage("the pipeline has no outputs");
    }

    @Test
    void refusesAMissingRequiredArgument() {
        assertRefused(
                PipelineText.withInput("A").op("Cast", "c", "A").out("C"),
                "Please specify values for the following arguments: 'dtype'");
    }

    @Test
    void refusesAWrongNumberOfInputs() {
        assertRefused(
                PipelineText.withInput("A").op("Cast", "c", "A A").arg("dtype", 9).out("C"),
                "Operator Cast expects 1 inputs, got 2");
    }

    @Test
    void refusesAnArgumentOfAnUnknownKind() {
        PipelineText text = PipelineText.withInput("A").op("Copy", "c", "A").out("C");
        text.definition()
                .getOpBuilder(1)
                .addArgsBuilder()
                .setName("features")
                .setType("feature")
                .setIsVector(false);
        assertRefused(text, "argument 'features' has a value of the unsupported kind 'feature'");
    }

    @Test
    void refusesTwoInputsOfOneName() {
        assertRefused(
                PipelineText.withInput("A").op("ExternalSource", "A", "").out("B"),
                "there is more than one input named 'A'");
    }

    @Test
    void acceptsScalarsForListsAndListsForScalars() throws PipelineException {
        Sample cropped =
                PipelineText.withInput("A")
                        .op("Slice", "s", "A")
                        .arg("start", 1)
                        .arg("end", 3)
                        .arg("axes", 0)
                        .out("S")
                        .op("Cast", "c", "S")
                        .ints("dtype", 6)
                        .out("C")
                        .run(Sample.ofFloats(1, 2, 3, 4));
        assertThat(cropped.toDoubles()).containsExactly(2, 3);
    }

    @Test
    void prefersAnArgumentInputToAConstant() throws PipelineException {
        Sample padded =
                PipelineText.withInput("A", "N")
                        .op("Pad", "p", "A")
                        .ints("shape", 7)
                        .arg("axes", 0)
                        .argumentInput("shape", "N")
                        .out("P")
                        .run(Sample.ofFloats(1, 2), Sample.ofFloats(4));
        assertThat(padded.toDoubles()).containsExactly(1, 2, 0, 0);
    }

    @Test
    void leavesOutOperatorsThatNoOutputNeeds() throws PipelineException {
        Sample kept =
                PipelineText.withInput("A")
                        .op("decoders__Image", "d", "A")
                        .out("D")
                        .output("A")
                        .run(Sample.ofFloats(1));
        assertThat(kept.toDoubles()).containsExactly(1);
    }

    @Test
    void failsASampleThatIsNotWhatAnInputDeclares() throws PipelineException {
        PipelineText text =
                new PipelineText()
                        .op("ExternalSource", "A", "")
                        .arg("dtype", 0)
                        .arg("ndim", 2)
                        .out("A");
        assertThat(text.failure(Sample.ofFloats(1)))
                .isEqualTo(
                        "ExternalSource expected data of type uint8 and got: float (input \"A\").");
    }

    @Test
    void padsToTheLargestSampleThatIsLeft() throws PipelineException {
        Pipeline pipeline =
                PipelineText.withInput("A")
                        .op("Slice", "s", "A")
                        .ints("start", 1)
                        .ints("shape", 1)
                        .ints("axes", 0)
                        .out("S")
                        .op("Cat", "c", "S A")
                        .out("C")
                        .op("Pad", "p", "C")
                        .out("P")
                        .read();
        List<SampleResult> results =
                pipeline.run(
                        List.of(
                                List.of(Sample.ofFloats(1, 2)),
                                List.of(Sample.ofFloats(9)),
                                List.of(Sample.ofFloats(1, 2, 3))),
                        Parallel.SEQUENTIAL);
        assertThat(((SampleResult.Done) results.get(0)).outputs().getFirst().toDoubles())
                .containsExactly(2, 1, 2, 0);
        assertThat(((SampleResult.Failed) results.get(1)).text())
                .startsWith("Error in CPU operator `nvidia.dali.fn.slice` encountered:\n\n")
                .contains(
                        "Slice can't be placed out of bounds with current policy. Got:"
                                + " input_shape={1}, slice_anchor={1}, slice_shape={1}");
        assertThat(((SampleResult.Done) results.get(2)).outputs().getFirst().toDoubles())
                .containsExactly(2, 1, 2, 3);
    }

    private static void assertRefused(PipelineText text, String message) {
        assertThatThrownBy(text::read)
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining(message);
    }
}
