package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ModelConfigJsonTest {
    private static String json(String text) throws TextFormat.ParseException {
        return ModelConfigJson.writeText(
                TextFormat.parse(text, ModelConfigProto.ModelConfig.class));
    }

    @Test
    void printsEveryScalarListAndMapOfAnEmptyConfigurationInSchemaOrder() throws Exception {
        assertThat(json(""))
                .isEqualTo(
                        "{\"name\":\"\",\"platform\":\"\",\"backend\":\"\",\"runtime\":\"\","
                                + "\"max_batch_size\":0,\"input\":[],\"output\":[],"
                                + "\"batch_input\":[],\"batch_output\":[],\"instance_group\":[],"
                                + "\"default_model_filename\":\"\",\"cc_model_filenames\":{},"
                                + "\"metric_tags\":{},\"parameters\":{},\"model_warmup\":[]}");
    }

    @Test
    void printsTensorsCompactly() throws Exception {
        assertThat(
                        json(
                                "input { name: 'x' data_type: TYPE_FP32 dims: [ -1, 3 ] reshape {"
                                        + " shape: 16 } }"))
                .contains(
                        "\"input\":[{\"name\":\"x\",\"data_type\":\"TYPE_FP32\",\"format\":"
                                + "\"FORMAT_NONE\",\"dims\":[-1,3],\"reshape\":{\"shape\":[16]},"
                                + "\"is_shape_tensor\":false,\"allow_ragged_batch\":false,"
                                + "\"optional\":false,\"is_non_linear_format_io\":false}]");
    }

    @Test
    void printsUnsigned64BitNumbersAsSuch() throws Exception {
        assertThat(
                        json(
                                "dynamic_batching { priority_levels: 18446744073709551615"
                                        + " priority_queue_policy { key: 18446744073709551614 value"
                                        + " { max_queue_size: 4294967295 } } }"))
                .contains("\"priority_levels\":18446744073709551615")
                .contains("\"priority_queue_policy\":{\"18446744073709551614\":{")
                .contains("\"max_queue_size\":4294967295");
    }

    @Test
    void keepsTheIntegersThatClientsKnowAsStrings() throws Exception {
        assertThat(
                        json(
                                "sequence_batching { state { dims: 1 initial_state { dims: [ 1, 2 ]"
                                        + " zero_data: false } } } instance_group {"
                                        + " secondary_devices { device_id: 7 } } optimization {"
                                        + " cuda { graph_spec { input { key: 'i' value { dim: 3 }"
                                        + " } } } }"))
                .contains("\"dims\":[1],\"initial_state\"")
                .contains("\"dims\":[\"1\",\"2\"],\"zero_data\":false")
                .contains("\"device_id\":\"7\"")
                .contains("\"input\":{\"i\":{\"dim\":[\"3\"]}}");
    }

    @Test
    void printsWholeDecimalsWithoutFractionAndOthersExactly() throws Exception {
        assertThat(json("sequence_batching { direct { minimum_slot_utilization: 1 } }"))
                .contains("\"minimum_slot_utilization\":1}");
        assertThat(json("sequence_batching { direct { minimum_slot_utilization: 0.1 } }"))
                .contains("\"minimum_slot_utilization\":0.1}");
        assertThat(
                        json(
                                "model_metrics { metric_control { histogram_options { buckets: [ 1,"
                                        + " 2.5, inf ] } } }"))
                .contains("\"buckets\":[1,2.5,\"Infinity\"]");
    }

    @Test
    void printsUnknownEnumNumbersAsNumbers() throws Exception {
        assertThat(json("input { data_type: 99 }")).contains("\"data_type\":99");
    }

    @Test
    void escapesTextAndWritesUtf8() throws Exception {
        ModelConfigProto.ModelConfig config =
                ModelConfigProto.ModelConfig.newBuilder().setName("a\"\n\u00e9").build();

        assertThat(new String(ModelConfigJson.write(config), StandardCharsets.UTF_8))
                .startsWith("{\"name\":\"a\\\"\\n\u00e9\"");
    }
}
