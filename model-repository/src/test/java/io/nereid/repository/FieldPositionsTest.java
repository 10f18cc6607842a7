package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.validation.TextPosition;
import org.junit.jupiter.api.Test;

class FieldPositionsTest {
    private static final String TEXT =
            """
            # a model
            name: "m"
            input [
              { name: "x" dims: [ 1,
                                  -1 ] },
              { name: "y # no comment" 'z'
                dims: - 2 dims: 3; }
            ]
            input: < name: "z" >
            dynamic_batching { preferred_batch_size: [ 4, 9 ] }
            parameters { key: "a{" value: { string_value: "b" } }
            sequence_batching { direct { minimum_slot_utilization: 1e-3 max_queue_delay_microseconds: 1 } }
            """;

    private static String find(String path) {
        return FieldPositions.of(TEXT, ModelConfigProto.ModelConfig.getDescriptor())
                .find(path)
                .map(TextPosition::toString)
                .orElse("nowhere");
    }

    @Test
    void findsFieldsByPath() {
        assertThat(find("name")).isEqualTo("2:1");
        assertThat(find("dynamic_batching")).isEqualTo("10:1");
        assertThat(find("sequence_batching.direct.max_queue_delay_microseconds"))
                .isEqualTo("12:61");
    }

    @Test
    void findsTheElementsOfLists() {
        assertThat(find("input")).isEqualTo("3:1");
        assertThat(find("input[0]")).isEqualTo("4:3");
        assertThat(find("input[1]")).isEqualTo("6:3");
        assertThat(find("input[2]")).isEqualTo("9:1");
        assertThat(find("input[1].dims")).isEqualTo("7:5");
        assertThat(find("input[2].name")).isEqualTo("9:10");
        assertThat(find("dynamic_batching.preferred_batch_size[1]")).isEqualTo("10:47");
    }

    @Test
    void findsScalarsInListsAndRepeated() {
        assertThat(find("input[0].dims[1]")).isEqualTo("5:23");
        assertThat(find("input[1].dims[1]")).isEqualTo("7:15");
    }

    @Test
    void fallsBackToTheNearestFieldAround() {
        assertThat(find("input[2].data_type")).isEqualTo("9:1");
        assertThat(find("input[1].reshape.shape[0]")).isEqualTo("6:3");
        assertThat(find("dynamic_batching.default_priority_level")).isEqualTo("10:1");
    }

    @Test
    void knowsNothingOfWhatTheTextDoesNotMention() {
        assertThat(find("platform")).isEqualTo("nowhere");
        assertThat(find("")).isEqualTo("nowhere");
    }

    @Test
    void findsEntriesOfMapsByTheirKeys() {
        assertThat(find("parameters[\"a{\"]")).isEqualTo(find("parameters[0].key"));
        assertThat(find("parameters[\"no\"]")).isEqualTo(find("parameters"));
    }
}
