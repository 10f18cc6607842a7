package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuggestionsTest {
    private static final List<String> FIELDS =
            List.of("input", "output", "max_batch_size", "name", "dynamic_batching");
    private static final List<String> TYPES =
            List.of("TYPE_FP32", "TYPE_FP16", "TYPE_FP64", "TYPE_INT64", "TYPE_STRING");
    private static final List<String> KINDS = List.of("KIND_AUTO", "KIND_CPU", "KIND_GPU");

    @ParameterizedTest
    @CsvSource({
        "imput,input",
        "inputs,input",
        "maxBatchSize,max_batch_size",
        "Max_Batch_Size,max_batch_size",
        "max_batchsize,max_batch_size",
        "dynamic_batcing,dynamic_batching",
        "naem,name"
    })
    void knowsWhatWasMeant(String written, String meant) {
        assertThat(Suggestions.nearest(written, FIELDS)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "platform", "foo", "batching"})
    void doesNotGuessWhatIsFar(String written) {
        assertThat(Suggestions.nearest(written, FIELDS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "TYPE_FLOAT32,TYPE_FP32",
        "fp32,TYPE_FP32",
        "FP16,TYPE_FP16",
        "type_fp64,TYPE_FP64",
        "float,TYPE_FP32",
        "long,TYPE_INT64",
        "TYPE_BYTES,TYPE_STRING"
    })
    void knowsTheNamesOfOtherToolsForTypes(String written, String meant) {
        assertThat(Suggestions.nearestValue(written, TYPES)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"KIND_CPUS,KIND_CPU", "cpu,KIND_CPU", "GPU,KIND_GPU", "kind_auto,KIND_AUTO"})
    void completesThePrefixOfValues(String written, String meant) {
        assertThat(Suggestions.nearestValue(written, KINDS)).contains(meant);
    }

    @Test
    void isQuickWithTextsOfAnyLength() {
        assertThat(Suggestions.nearest("input".repeat(1_000_000), FIELDS)).isEmpty();
    }
}
