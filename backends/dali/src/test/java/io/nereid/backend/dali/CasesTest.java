package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.pipeline.Parallel;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.tensor.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the fixture pipelines and compares them with the results of the reference interpreter. */
class CasesTest {
    record Case(String name, JsonNode definition) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (JsonNode node : new ObjectMapper().readTree(Npy.resource("cases.json"))) {
            cases.add(new Case(node.get("name").asText(), node));
        }
        assertThat(cases).hasSize(27);
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesWhatTheReferenceGives(Case testCase) throws PipelineException {
        JsonNode definition = testCase.definition();
        Pipeline pipeline = Pipelines.read(definition.get("pipeline").asText());
        List<SampleResult> results =
                pipeline.run(samples(pipeline, definition.get("inputs")), Parallel.SEQUENTIAL);
        if (definition.has("error_contains")) {
            assertThat(results)
                    .allSatisfy(result ->
                            assertThat(((SampleResult.Failed) result).text())
                                    .contains(definition.get("error_contains").asText()));
            return;
        }
        JsonNode outputs = definition.get("outputs");
        assertThat(pipeline.outputs()).hasSize(outputs.size());
        for (int o = 0; o < outputs.size(); o++) {
            assertThat(results).hasSize(outputs.get(o).size());
            for (int s = 0; s < results.size(); s++) {
                JsonNode path = outputs.get(o).get(s);
                if (!path.isNull()) {
                    compare(path.asText(), results.get(s), o, definition.get("tolerance"));
                }
            }
        }
    }

    private static List<List<Sample>> samples(Pipeline pipeline, JsonNode inputs) {
        List<List<Sample>> samples = new ArrayList<>();
        int count = inputs.iterator().next().size();
        for (int s = 0; s < count; s++) {
            List<Sample> sample = new ArrayList<>();
            for (InputPort port : pipeline.inputs()) {
                sample.add(Npy.sample(inputs.get(port.name()).get(s).asText()));
            }
            samples.add(sample);
        }
        return samples;
    }

    private static void compare(String path, SampleResult result, int output, JsonNode tolerance) {
        if (result instanceof SampleResult.Failed(String text)) {
            throw new AssertionError(path + ": " + text);
        }
        Sample actual = ((SampleResult.Done) result).outputs().get(output);
        Sample expected = Npy.sample(path);
        assertEquals(expected.type(), actual.type(), path);
        assertThat(actual.dims()).as(path).isEqualTo(expected.dims());
        double relative = tolerance.path("rel").asDouble(0);
        double absolute = tolerance.path("abs").asDouble(tolerance.path("max_abs").asDouble(0));
        for (int i = 0; i < expected.size(); i++) {
            double want = expected.doubleAt(i);
            double got = actual.doubleAt(i);
            double allowed = absolute + relative * Math.abs(want);
            if (!(Math.abs(want - got) <= allowed) && !(want == got)) {
                throw new AssertionError(
                        path + " element " + i + ": expected " + want + ", got " + got);
            }
        }
    }
}
