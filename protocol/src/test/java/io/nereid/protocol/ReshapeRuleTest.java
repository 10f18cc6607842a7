package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule of {@code reshape} (model-config section 5): the examples, then any shape. */
class ReshapeRuleTest {
    private static ModelConfigProto.ModelConfig config(List<Long> dims, List<Long> reshape) {
        ModelConfigProto.ModelConfig.Builder config =
                ModelConfigProto.ModelConfig.newBuilder().setName("m").setMaxBatchSize(8);
        config.addInputBuilder()
                .setName("x")
                .setDataType(ModelConfigProto.DataType.TYPE_FP32)
                .addAllDims(dims)
                .setReshape(ModelConfigProto.ModelTensorReshape.newBuilder().addAllShape(reshape));
        return config.build();
    }

    private static void check(List<Long> dims, List<Long> reshape) {
        ModelConfigRules.checkTensors(config(dims, reshape));
    }

    private static List<Long> dims(String text) {
        List<Long> dims = new ArrayList<>();
        for (String dim : text.isBlank() ? new String[0] : text.split(" ", -1)) {
            dims.add(Long.valueOf(dim));
        }
        return dims;
    }

    @ParameterizedTest
    @CsvSource({"1,''", "2 4 -1 6,8 -1 1 6", "4 4,16", "-1,-1", "2 -1 3,2 -1 3 1"})
    void acceptsShapesWithTheSameElements(String dims, String reshape) {
        assertThatCode(() -> check(dims(dims), dims(reshape))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "2 4 -1 6,8 -1 6 2,has different size for dims and reshape",
        "-1 4,-1 -1 4,has different number of variable-size dimensions for dims and reshape",
        "4 4,-1,has different size for dims and reshape",
        "-1,4,has different size for dims and reshape",
        "3,'',has different size for dims and reshape"
    })
    void refusesOthers(String dims, String reshape, String reason) {
        assertThatThrownBy(() -> check(dims(dims), dims(reshape)))
                .hasMessage("model input 'x' " + reason + " for m");
    }

    @Provide
    Arbitrary<List<Long>> shapes() {
        return Arbitraries.frequencyOf(
                        Tuple.of(4, Arbitraries.longs().between(1, 12)),
                        Tuple.of(1, Arbitraries.just(Shape.ANY)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(7);
    }

    @Property(tries = 300)
    void acceptsEveryRegroupingBetweenVariableDimensions(@ForAll("shapes") List<Long> dims) {
        check(dims, regrouped(dims));
        check(regrouped(dims), dims);
    }

    @Property(tries = 300)
    void refusesEveryOtherElementCount(@ForAll("shapes") List<Long> dims) {
        List<Long> larger = new ArrayList<>(regrouped(dims));
        larger.add(2L);

        assertThatThrownBy(() -> check(dims, larger)).hasMessageContaining("has different size");
    }

    /** Joins neighbours that do not vary to one dimension. */
    private static List<Long> regrouped(List<Long> dims) {
        List<Long> joined = new ArrayList<>();
        long product = 1;
        for (long dim : dims) {
            if (dim == Shape.ANY) {
                joined.add(product);
                joined.add(dim);
                product = 1;
            } else {
                product *= dim;
            }
        }
        joined.add(product);
        return joined;
    }

    @Test
    void keepsTheElementsWhenVariableDimensionsAreFilled() {
        Shape dims = Shape.of(2, 3, Shape.ANY, 5, 6);
        Shape actual = Shape.of(2, 3, 4, 5, 6);

        Shape filled = Shape.of(6, Shape.ANY, 30).fillFrom(dims, actual);

        assertThat(filled).isEqualTo(Shape.of(6, 4, 30));
        assertThat(filled.elementCount()).isEqualTo(actual.elementCount());
    }
}
