package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.proto.ModelConfigProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataTypeTest {
    @ParameterizedTest
    @CsvSource({
        "BOOL, 1, TYPE_BOOL",
        "UINT8, 1, TYPE_UINT8",
        "UINT16, 2, TYPE_UINT16",
        "UINT32, 4, TYPE_UINT32",
        "UINT64, 8, TYPE_UINT64",
        "INT8, 1, TYPE_INT8",
        "INT16, 2, TYPE_INT16",
        "INT32, 4, TYPE_INT32",
        "INT64, 8, TYPE_INT64",
        "FP16, 2, TYPE_FP16",
        "FP32, 4, TYPE_FP32",
        "FP64, 8, TYPE_FP64",
        "BF16, 2, TYPE_BF16",
        "BYTES, 0, TYPE_STRING"
    })
    void hasNameSizeAndConfigurationType(
            String wireName, int byteSize, ModelConfigProto.DataType configType) {
        DataType type = DataType.ofWireName(wireName);

        assertThat(type.wireName()).isEqualTo(wireName);
        assertThat(type.byteSize()).isEqualTo(byteSize);
        assertThat(type.hasFixedSize()).isEqualTo(byteSize > 0);
        assertThat(type.configType()).isEqualTo(configType);
        assertThat(DataType.ofConfig(configType)).isEqualTo(type);
    }

    @Test
    void coversEveryTypeOfConfigurations() {
        for (ModelConfigProto.DataType configType : ModelConfigProto.DataType.values()) {
            boolean known =
                    configType != ModelConfigProto.DataType.TYPE_INVALID
                            && configType != ModelConfigProto.DataType.UNRECOGNIZED;
            assertThat(DataType.ofConfig(configType) != DataType.INVALID).isEqualTo(known);
        }
        assertThat(DataType.values()).hasSize(15);
    }

    @ParameterizedTest
    @CsvSource({"fp32", "INVALID", "<invalid>", "TYPE_FP32", "STRING", "'FP32 '", "''"})
    void isInvalidForOtherNames(String name) {
        assertThat(DataType.ofWireName(name)).isEqualTo(DataType.INVALID);
        assertThat(DataType.INVALID.wireName()).isEqualTo("<invalid>");
        assertThat(DataType.INVALID.hasFixedSize()).isFalse();
    }
}
