package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.TestConfigs;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** The texts of schedulers section 14.2, for an ensemble of one step unless a test adds another. */
class EnsembleGraphTest {
    private static final String MAPS =
            "input_map { key: \"a\" value: \"x\" } output_map { key: \"b\" value: \"y\" }";

    private static final String DECOUPLED = "model_transaction_policy { decoupled: true }";

    private final List<String> steps = new ArrayList<>();

    @Test
    void keepsStepsInOrderWithTheirVersions() {
        step("m", "model_version: -1 " + MAPS.replace("\"y\"", "\"t\""));
        step("m", "model_version: 3 " + MAPS.replace("\"x\"", "\"t\""));
        List<String> asked = new ArrayList<>();
        EnsembleGraph graph =
                EnsembleGraph.of(
                        ensemble("TYPE_FP32", "3", ""),
                        step -> {
                            asked.add(step.modelName() + step.modelVersion());
                            return model("");
                        });

        assertThat(asked).containsExactly("mOptionalLong.empty", "mOptionalLong[3]");
        assertThat(graph.producers()).containsOnlyKeys("t", "y");
        assertThat(graph.steps()).extracting(EnsembleGraph.Step::index).containsExactly(0, 1);
    }

    @Test
    void refusesLargerBatchesThanAStepTakes() {
        step("m", MAPS);
        requireRefused("max_batch_size: 2", "TYPE_FP32", "3")
                .hasMessage(
                        "ensemble e allows maximum batch size 4, but it contains model m which"
                                + " only allows maximum batch size to be 2");
    }

    @Test
    void acceptsStepsThatDoNotBatch() {
        step("m", MAPS);
        assertThat(
                        EnsembleGraph.of(
                                ensemble("TYPE_FP32", "3", ""), s -> model("max_batch_size: 0")))
                .isNotNull();
    }

    @Test
    void refusesUnknownInputOfAModel() {
        step("m", "input_map { key: \"zz\" value: \"x\" } " + MAPS);
        requireRefused("", "TYPE_FP32", "3")
                .hasMessage(
                        "in ensemble e, ensemble tensor x is mapping to non-existing input zz in"
                                + " model m");
    }

    @Test
    void refusesInputThatNothingIsMappedTo() {
        step("m", MAPS);
        requireRefused("input { name: \"c\" data_type: TYPE_FP32 dims: [ 1 ] }", "TYPE_FP32", "3")
                .hasMessage(
                        "in ensemble e, input c in model m is not mapped to any ensemble tensors");
    }

    @Test
    void acceptsOptionalInputThatNothingIsMappedTo() {
        step("m", MAPS);
        ModelConfig model =
                model("input { name: \"c\" data_type: TYPE_FP32 dims: [ 1 ] optional: true }");
        assertThat(EnsembleGraph.of(ensemble("TYPE_FP32", "3", ""), s -> model)).isNotNull();
    }

    @Test
    void refusesUnknownOutputOfAModel() {
        step("m", MAPS.replace("\"b\"", "\"zz\""));
        requireRefused("", "TYPE_FP32", "3")
                .hasMessage(
                        "in ensemble e, ensemble tensor y is mapped from non-existing output zz in"
                                + " model m");
    }

    @Test
    void refusesDifferentTypes() {
        step("m", MAPS);
        requireRefused("", "TYPE_INT32", "3")
                .hasMessage(
                        "in ensemble e, ensemble tensor x: inconsistent data type: TYPE_INT32 is"
                                + " inferred from model e while TYPE_FP32 is inferred from model m");
    }

    @Test
    void refusesDifferentShapes() {
        step("m", MAPS);
        requireRefused("", "TYPE_FP32", "5")
                .hasMessage(
                        "in ensemble e, ensemble tensor x: inconsistent shape: [-1,5] is inferred"
                                + " from model e while [-1,3] is inferred from model m");
    }

    @Test
    void comparesStepsWithOneAnother() {
        step("m", MAPS.replace("\"y\"", "\"t\""));
        step("n", MAPS.replace("\"x\"", "\"t\""));
        ModelConfig other = model("name: \"n\"", "TYPE_INT8");
        assertThatThrownBy(() ->
                        EnsembleGraph.of(
                                ensemble("TYPE_FP32", "3", ""),
                                s -> s.modelName().equals("n") ? other : model("")))
                .hasMessage(
                        "in ensemble e, ensemble tensor t: inconsistent data type: TYPE_FP32 is"
                                + " inferred from model m while TYPE_INT8 is inferred from model n");
    }

    @Test
    void acceptsVariableExtentsAndShapesThatContainTheBatch() {
        step("m", MAPS);
        ModelConfig batchInside = model("max_batch_size: 0", "TYPE_FP32", "-1, 3");
        assertThat(EnsembleGraph.of(ensemble("TYPE_FP32", "3", ""), s -> batchInside)).isNotNull();
        assertThat(EnsembleGraph.of(ensemble("TYPE_FP32", "-1", ""), s -> model(""))).isNotNull();
        assertThat(
                        EnsembleGraph.of(
                                ensemble("TYPE_FP32", "1, 3", "reshape { shape: [ 3 ] }"),
                                s -> model("")))
                .isNotNull();
    }

    @Test
    void knowsWhatFollowsFromADecoupledStep() {
        step("m", MAPS.replace("\"y\"", "\"many\""));
        step("n", MAPS.replace("\"x\"", "\"many\""));
        EnsembleGraph graph =
                EnsembleGraph.of(
                        ensemble("TYPE_FP32", "3", ""),
                        s -> s.modelName().equals("m") ? model(DECOUPLED) : model("name: \"n\""));

        assertThat(graph.decoupledSteps()).containsExactly(0);
        assertThat(graph.origins()).containsOnly(Map.entry("many", 0), Map.entry("y", 0));
    }

    @Test
    void refusesAStepWhoseInputsFollowFromDifferentDecoupledModels() {
        step("m", MAPS.replace("\"y\"", "\"t\""));
        step("m", MAPS.replace("\"y\"", "\"u\""));
        step(
                "p",
                "input_map { key: \"a\" value: \"t\" } input_map { key: \"c\" value: \"u\" } output_map { key: \"b\" value: \"y\" }");
        ModelConfig pair =
                model("name: \"p\" input { name: \"c\" data_type: TYPE_FP32 dims: [ 3 ] }");

        assertThatThrownBy(() ->
                        EnsembleGraph.of(
                                ensemble("TYPE_FP32", "3", ""),
                                s -> s.modelName().equals("p") ? pair : model(DECOUPLED)))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "in ensemble e, step of model 'p' receives inputs originated from different"
                                + " decoupled models");
    }

    @Test
    void refusesAStepThatReadsBothWhatComesOnceAndWhatComesOften() {
        step("m", MAPS.replace("\"y\"", "\"t\""));
        step(
                "p",
                "input_map { key: \"a\" value: \"t\" } input_map { key: \"c\" value: \"x\" } output_map { key: \"b\" value: \"y\" }");
        ModelConfig pair =
                model("name: \"p\" input { name: \"c\" data_type: TYPE_FP32 dims: [ 3 ] }");
        List<StatusException> breaches = new ArrayList<>();
        EnsembleGraph.check(
                ensemble("TYPE_FP32", "3", ""),
                s -> Optional.of(s.modelName().equals("p") ? pair : model(DECOUPLED)),
                breaches::add);

        assertThat(breaches)
                .extracting(StatusException::text)
                .containsExactly(
                        "in ensemble e, step of model 'p' receives inputs originated from different"
                                + " decoupled models");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> requireRefused(
            String model, String type, String dims) {
        return assertThatThrownBy(
                        () -> EnsembleGraph.of(ensemble(type, dims, ""), step -> model(model)))
                .isInstanceOf(StatusException.class);
    }

    private void step(String model, String rest) {
        steps.add("step { model_name: \"" + model + "\" " + rest + " }");
    }

    /** Input x as given and output y of FP32 [3]. */
    private ModelConfig ensemble(String type, String dims, String reshape) {
        return TestConfigs.parse(
                """
                name: "e" platform: "ensemble" max_batch_size: 4
                input { name: "x" data_type: %s dims: [ %s ] %s }
                output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
                ensemble_scheduling { %s }
                """
                        .formatted(type, dims, reshape, String.join(" ", steps)));
    }

    private static ModelConfig model(String more) {
        return model(more, "TYPE_FP32");
    }

    private static ModelConfig model(String more, String inputType) {
        return model(more, inputType, "3");
    }

    /** Input a as given and output b of FP32 [3]; {@code more} adds to that or replaces it. */
    private static ModelConfig model(String more, String inputType, String inputDims) {
        String name = more.startsWith("name") ? "" : "name: \"m\" ";
        String batch = more.contains("max_batch_size") ? "" : "max_batch_size: 8 ";
        return TestConfigs.parse(
                """
                input { name: "a" data_type: %s dims: [ %s ] }
                output { name: "b" data_type: TYPE_FP32 dims: [ 3 ] }
                """
                                .formatted(inputType, inputDims)
                        + name
                        + batch
                        + more);
    }
}
