package io.nereid.load.client.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.SequenceStep;
import io.nereid.load.client.SharedPlace;
import io.nereid.load.client.Target;
import io.nereid.load.data.TensorValue;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RequestEncoderTest {
    private static final Target TARGET = Target.parse("host:1234/prefix", 8000);
    private static final TensorValue VALUE =
            TensorValue.wrap("IN", DataType.UINT8, Shape.of(1, 3), new byte[] {'a', 'b', 'c'});

    private static RequestSet set(
            Optional<SharedPlace> shared, List<RequestOutput> outputs, boolean json) {
        return new RequestSet(
                "my model",
                "2",
                List.of(List.of(new RequestInput(VALUE, shared))),
                outputs,
                json,
                json,
                Map.of("X-Tenant", "a"),
                false);
    }

    private static String text(ByteBuf bytes) {
        try {
            return bytes.toString(StandardCharsets.UTF_8);
        } finally {
            bytes.release();
        }
    }

    private static String whole(RequestSet set) {
        try (EncodedRequest request = new RequestEncoder(TARGET, set).encode().getFirst()) {
            return text(request.whole());
        }
    }

    @Test
    void putsBinaryInputsBehindTheJson() {
        assertThat(whole(set(Optional.empty(), List.of(), false)).replace("\r\n", "\n"))
                .isEqualTo(
                        """
                        POST /prefix/v2/models/my%20model/versions/2/infer HTTP/1.1
                        Host: host:1234
                        Content-Type: application/octet-stream
                        X-Tenant: a
                        Inference-Header-Content-Length: 136
                        Content-Length: 139

                        {"parameters":{"binary_data_output":true},"inputs":[{"name":"IN","datatype":"UINT8","shape":[1,3],"parameters":{"binary_data_size":3}}]}abc\
                        """);
    }

    @Test
    void writesInputsAsText() {
        assertThat(whole(set(Optional.empty(), List.of(), true)))
                .contains("Content-Type: application/json\r\n")
                .doesNotContain("Inference-Header-Content-Length")
                .endsWith(
                        "\r\n\r\n{\"inputs\":[{\"name\":\"IN\",\"datatype\":\"UINT8\",\"shape\":[1,3],"
                                + "\"data\":[97,98,99]}]}");
    }

    @Test
    void namesPlacesInSharedMemory() {
        RequestSet set =
                set(
                        Optional.of(new SharedPlace("in", 64, 3)),
                        List.of(new RequestOutput("OUT", new SharedPlace("out", 0, 8))),
                        false);

        assertThat(whole(set))
                .endsWith(
                        "{\"inputs\":[{\"name\":\"IN\",\"datatype\":\"UINT8\",\"shape\":[1,3],"
                                + "\"parameters\":{\"shared_memory_region\":\"in\","
                                + "\"shared_memory_byte_size\":3,\"shared_memory_offset\":64}}],"
                                + "\"outputs\":[{\"name\":\"OUT\",\"parameters\":{"
                                + "\"shared_memory_region\":\"out\","
                                + "\"shared_memory_byte_size\":8}}]}");
    }

    @Test
    void addsTheStepOfASequence() {
        RequestSet set = set(Optional.empty(), List.of(), false);
        try (EncodedRequest request = new RequestEncoder(TARGET, set).encode().getFirst()) {
            String sent =
                    text(request.start(new SequenceStep(7, true, false))) + text(request.rest());
            int head = sent.indexOf("\r\n\r\n") + 4;
            String body = sent.substring(head);

            assertThat(body)
                    .startsWith(
                            "{\"parameters\":{\"sequence_id\":7,\"sequence_start\":true,"
                                    + "\"sequence_end\":false,\"binary_data_output\":true},")
                    .endsWith("}]}abc");
            assertThat(sent)
                    .contains("\r\nContent-Length: " + body.length() + "\r\n")
                    .contains(
                            "\r\nInference-Header-Content-Length: " + (body.length() - 3) + "\r\n");
        }
    }
}
