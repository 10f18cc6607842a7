package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.FakeSharedMemory;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tensors in shared memory, by HTTP protocol section 12.5. */
class SharedMemoryTensorsTest {
    private static final ModelConfig MODEL = Codec.model(DataType.INT8, "X", "Y");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @RegisterExtension final FakeSharedMemory memory = new FakeSharedMemory();

    private final Codec codec = new Codec(allocator);

    private DecodedRequest decode(String json, int... binary) {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[binary.length];
        for (int i = 0; i < binary.length; i++) {
            data[i] = (byte) binary[i];
        }
        return new HttpInferDecoder(allocator, Codec.LIMIT, memory)
                .decode(MODEL, OptionalLong.empty(), codec.body(text, data), text.length);
    }

    /** Outputs as the request names them, without inputs. */
    private OutputSelection outputs(String outputs) {
        DecodedRequest decoded = decode("{'inputs':[],'outputs':[" + outputs + "]}");
        decoded.request().close();
        return decoded.outputs();
    }

    /** An output in region r. */
    private static String place(String output, int offset, int byteSize) {
        return "{'name':'%s','parameters':{'shared_memory_region':'r','shared_memory_offset':%d,'shared_memory_byte_size':%d,'binary_data':false}}"
                .formatted(output, offset, byteSize);
    }

    private EncodedResponse encode(OutputSelection selection, Tensor... outputs) {
        InferenceResponse response = new InferenceResponse("", "m", 1, Map.of(), List.of(outputs));
        return new HttpInferEncoder(allocator).encode(response, selection);
    }

    private Tensor tensor(String name, int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return codec.tensor(name, DataType.INT8, Shape.of(bytes.length), content);
    }

    private static String json(EncodedResponse encoded) {
        return Codec.text(encoded.json()).replace('"', '\'');
    }

    @Test
    void copiesInputsAmongOthers() {
        memory.region("r", 1, 2, 3, 4);

        DecodedRequest decoded =
                decode(
                        "{'inputs':[{'name':'X','datatype':'INT8','shape':[1,2],'parameters':"
                                + "{'shared_memory_byte_size':2,'shared_memory_offset':1,"
                                + "'shared_memory_region':'r'}},{'name':'Y','datatype':'INT8',"
                                + "'shape':[1,2],'parameters':{'binary_data_size':2}}]}",
                        8,
                        9);

        try (InferenceRequest request = decoded.request();
                OutputSelection unused = decoded.outputs()) {
            memory.region("r", 0, 0, 0, 0);
            assertThat(Codec.bytes(request.input("X").orElseThrow().buffer()))
                    .containsExactly(2, 3);
            assertThat(Codec.bytes(request.input("Y").orElseThrow().buffer()))
                    .containsExactly(8, 9);
            assertThat(unused.shared().contains("X")).isFalse();
        }
        assertThat(allocator.copies().bytes(CopyMeter.Site.SHARED_INPUT)).isEqualTo(2);
    }

    @Test
    void readsNothingWithoutOffsetAndSize() {
        memory.region("r", 1, 2, 3, 4);

        DecodedRequest decoded =
                decode(
                        "{'inputs':[{'name':'X','datatype':'INT8','shape':[0,2],'parameters':"
                                + "{'shared_memory_region':'r'}}]}");

        assertThat(decoded.request().input("X").orElseThrow().buffer().byteSize()).isZero();
        assertThat(memory.opened).containsExactly("r+0:0");
        decoded.request().close();
        decoded.outputs().close();
    }

    @Test
    void writesOutputsToTheirPlaceAndNotIntoTheAnswer() {
        memory.region("r", 0, 0, 0, 0, 0, 0);
        try (OutputSelection selection =
                        outputs(
                                place("A", 2, 3)
                                        + ",{'name':'B'},{'name':'C','parameters':"
                                        + "{'binary_data':true}}");
                EncodedResponse encoded =
                        encode(selection, tensor("A", 7, 8), tensor("B", 1), tensor("C", 5, 6))) {
            assertThat(json(encoded))
                    .endsWith(
                            "'outputs':[{'name':'A','datatype':'INT8','shape':[2]},"
                                    + "{'name':'B','datatype':'INT8','shape':[1],'data':[1]},"
                                    + "{'name':'C','datatype':'INT8','shape':[2],"
                                    + "'parameters':{'binary_data_size':2}}]}");
            assertThat(encoded.binary()).hasSize(1);
            assertThat(memory.bytes("r")).containsExactly(0, 0, 7, 8, 0, 0);
        }
    }

    @Test
    void refusesOutputsLargerThanTheirPlaceBeforeAnyIsWritten() {
        memory.region("r", 0, 0, 0, 0);
        try (OutputSelection selection = outputs(place("A", 0, 2) + "," + place("B", 2, 2))) {
            StatusException refusal =
                    Codec.refusal(
                            () -> encode(selection, tensor("A", 1), tensor("B", 1, 2, 3)).close());

            assertThat(refusal.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(refusal.text())
                    .isEqualTo(
                            "shared memory size specified with the request for output 'B' (2"
                                    + " bytes) should be at least 3 bytes to hold the results");
        }
        assertThat(memory.bytes("r")).containsExactly(0, 0, 0, 0);
    }

    @Test
    void findsRoomForEmptyOutputsAnywhere() {
        memory.region("r");
        try (OutputSelection selection =
                        outputs("{'name':'A','parameters':{'shared_memory_region':'r'}}");
                EncodedResponse encoded = encode(selection, tensor("A"))) {
            assertThat(json(encoded)).endsWith("{'name':'A','datatype':'INT8','shape':[0]}]}");
        }
    }

    @Test
    void closesPlacesIfALaterOutputIsWrong() {
        memory.region("r", 0, 0);
        StatusException refusal =
                Codec.refusal(() -> outputs(place("A", 0, 2) + "," + place("B", 0, 3)).close());

        assertThat(refusal.text()).isEqualTo("fake: 0 + 3");
        assertThat(memory.opened).containsExactly("r+0:2", "r+0:3");
        assertThat(memory.openWindows()).isZero();
    }
}
