package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading in one pass: what it takes, what it leaves alone, and that both ways agree. */
class UsualBodyTest {
    private static final ModelConfig MODEL = Codec.model(DataType.INT32, "X", "Z");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'inputs':[{'name':'X','shape':[1,2],'datatype':'INT32','data':[1,2]}]}",
                "{'inputs':[{'name':'X','datatype':'INT32','shape':[2,1],'data':[[1],[-2]]},"
                        + "{'name':'Z','shape':[0],'datatype':'INT32','data':['any']}]}",
                "{'id':'a','parameters':{'sequence_id':1,'k':'v','binary_data_output':true},"
                        + "'inputs':[{'name':'X','shape':[1,1],'datatype':'INT32','data':[7]}]}",
                "{'inputs':[{'name':'X','shape':[1,1],'datatype':'INT32','data':[7]}],'x':[{}],"
                        + "'outputs':[{'name':'A','parameters':{'binary_data':true}},{'name':'B',"
                        + "'parameters':{'classification':2}}],'id':'late'}",
                "{'inputs':[{'name':'X','shape':[1,1],'datatype':'BYTES','data':['\\u00e9a']}]}",
                "{'inputs':[]} ",
                "{'inputs':[{'parameters':{'binary_data_size':4,'x':1},'name':'X','shape':[1,1],"
                        + "'datatype':'FP32','y':null},{'name':'Z','shape':[1],'datatype':'NONE',"
                        + "'parameters':{'binary_data_size':0}}]}"
            })
    void takesUsualBodies(String json) {
        byte[] binary = json.contains("binary_data_size") ? new byte[] {1, 2, 3, 4} : new byte[0];
        assertThat(usual(json, binary)).isNotEmpty().hasValue(careful(json, binary));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{'inputs':[],'inputs':[]}",
                "{'id':'a','id':'b','inputs':[]}",
                "{'inputs':[1]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32'}]}",
                "{'inputs':[{'name':'X','name':'Z','shape':[1],'datatype':'INT32','data':[1]}]}",
                "{'inputs':[{'data':[1],'name':'X','shape':[1],'datatype':'INT32'}]}",
                "{'inputs':[{'name':'Y','shape':[1],'datatype':'INT32','data':[1]}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[1],"
                        + "'parameters':{'binary_data_size':4}}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32',"
                        + "'parameters':{'binary_data_size':4}}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[1],"
                        + "'parameters':{'shared_memory_region':'r'}}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[1]},"
                        + "{'name':'X','shape':[1],'datatype':'INT32','data':[1]}]}"
            })
    void leavesUnusualBodiesToTheCarefulWay(String json) {
        assertThat(usual(json)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{'inputs':[]}x",
                "{'inputs':1}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[1,2]}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[1]}],'outputs':1}",
                "{'inputs':[{'name':'X','shape':[-1],'datatype':'INT32','data':[1]}]}",
                "{'inputs':[{'name':'X','shape':[1],'datatype':'INT32','data':[true]}]",
                "{'parameters':{'triton_x':1},'inputs':[]}"
            })
    void refusesWhatTheCarefulWayRefuses(String json) {
        StatusException refusal =
                Codec.refusal(
                        () -> usual(json).orElseThrow(() -> new AssertionError("left alone")));
        assertThat(refusal).isNotNull();
        assertThat(Codec.refusal(() -> careful(json)).text()).isNotEmpty();
    }

    /** Both ways meet an error; the one that the reference tells first is told. */
    @Test
    void tellsErrorsInTheOrderOfTheCarefulWay() {
        String json = "{'inputs':[{'name':'X'}],'parameters':{'triton_x':1},'id':7}";
        assertThat(codec.refusal(MODEL, json).text())
                .isEqualTo("Unable to parse 'id': attempt to access JSON non-string as string");
    }

    private Optional<String> usual(String json, byte... binary) {
        byte[] text = json.replace('\'', '"').getBytes(UTF_8);
        try (TensorBuffer body = codec.body(text, binary);
                InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
                UsualBody usual =
                        new UsualBody(
                                MODEL,
                                body,
                                text.length,
                                allocator,
                                Codec.LIMIT,
                                SharedMemory.NONE,
                                request)) {
            if (!usual.read()) {
                return Optional.empty();
            }
            return Optional.of(DecodedText.of(new DecodedRequest(request, usual.selection())));
        }
    }

    private String careful(String json, byte... binary) {
        byte[] text = json.replace('\'', '"').getBytes(UTF_8);
        DecodedRequest decoded =
                codec.decoder()
                        .decodeCarefully(
                                MODEL, OptionalLong.empty(), codec.body(text, binary), text.length);
        try (InferenceRequest _ = decoded.request()) {
            return DecodedText.of(decoded);
        }
    }
}
