package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a body holds, it is either decoded or refused, and nothing stays open. */
class DecoderFuzzTest {
    private static final int ROUNDS = 60_000;
    private static final List<String> BODIES =
            List.of(
                    "{'id':'a\\u00e9\\ud83d\\ude00','parameters':{'sequence_id':1,'x':1.5e3,"
                            + "'binary_data_output':true},'inputs':[{'name':'X','datatype':'INT32',"
                            + "'shape':[2,3],'data':[[1,2,3],[-4,5,600000]]}],'outputs':[{'name':"
                            + "'X_OUT','parameters':{'classification':2,'binary_data':false}}]}",
                    "{'inputs':[{'data':[true,[false]],'shape':[2],'name':'X','datatype':'BOOL'},"
                            + "{'name':'Z','datatype':'FP64','shape':[1,4],'data':[NaN,-Inf,"
                            + "1.7976931348623157e308,0.000123]}]}",
                    "{'inputs':[{'name':'X','datatype':'BYTES','shape':[1,2],'data':['\\\\\\n','']}"
                            + ",{'name':'Z','datatype':'UINT64','shape':[1,1],'parameters':"
                            + "{'binary_data_size':8}}]}12345678",
                    "{'inputs':[{'name':'X','datatype':'FP32','shape':[1,12],'data':[1,2.5,3,4,"
                            + "0.10000000149011612,6,7,8,9,10,1e10,12]}]}");
    private static final List<String> PIECES =
            List.of(
                    "[",
                    "]",
                    "{",
                    "}",
                    ",",
                    ":",
                    "\"",
                    "\\",
                    "\\u",
                    "\\ud800",
                    "-",
                    "0",
                    "1e999",
                    "18446744073709551615",
                    "9223372036854775808",
                    "null",
                    "NaN",
                    "Infinity",
                    "\"data\":",
                    "\"shape\":",
                    "\"shape\":[0]",
                    "\"inputs\":",
                    "[[[[",
                    "1.",
                    "\u0000",
                    "\uFEFF",
                    "é",
                    "\"name\":\"X\"",
                    "\"datatype\":\"UINT8\"");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @Test
    void decodesOrRefusesMutatedBodies() {
        Random random = new Random(20_260_731);
        int[] accepted = new int[1];
        Assertions.assertTimeoutPreemptively(
                Duration.ofMinutes(2),
                () -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        accepted[0] += round(random) ? 1 : 0;
                    }
                });
        assertThat(accepted[0]).isBetween(ROUNDS / 100, ROUNDS / 2);
    }

    @Test
    void decodesOrRefusesBodiesCutAnywhere() {
        for (String body : BODIES) {
            byte[] bytes = body.replace('\'', '"').getBytes(UTF_8);
            for (int length = 0; length <= bytes.length; length++) {
                decode(Codec.model(DataType.INT32, "X", "Z"), bytes, length);
            }
        }
    }

    @Test
    void decodesOrRefusesMutatedGenerateBodies() {
        List<String> bodies =
                List.of(
                        "{'id':'a','X':[1,-2,3],'Z':7,'parameters':{'a':1.5,'b':true,'c':'d'}}",
                        "{'X':['a','b\\u00e9'],'parameters':{'Z':[['c']]},'id':'','k':-1}",
                        "{'X':[0.5,1e3,NaN,1,2,3,4,5,6,7,8,9,10,11,12],'Z':true}");
        Random random = new Random(20_261_124);
        int accepted = 0;
        for (int round = 0; round < ROUNDS / 2; round++) {
            StringBuilder text =
                    new StringBuilder(bodies.get(random.nextInt(3)).replace('\'', '"'));
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                mutate(text, random);
            }
            DataType[] types = DataType.values();
            DataType type = types[1 + random.nextInt(types.length - 1)];
            byte[] bytes = text.toString().getBytes(UTF_8);
            accepted += decodeGenerate(Codec.model(type, "X", "Z"), bytes) ? 1 : 0;
        }
        assertThat(accepted).isBetween(ROUNDS / 200, ROUNDS / 4);
    }

    private boolean decodeGenerate(ModelConfig model, byte[] bytes) {
        boolean accepted = false;
        try {
            new GenerateDecoder(allocator, 100_000)
                    .decode(model, OptionalLong.empty(), codec.body(bytes))
                    .close();
            accepted = true;
        } catch (StatusException e) {
            assertThat(e.text()).isNotEmpty();
        }
        assertThat(allocator.openBlocks()).isZero();
        return accepted;
    }

    private boolean round(Random random) {
        String seed = BODIES.get(random.nextInt(BODIES.size())).replace('\'', '"');
        StringBuilder text = new StringBuilder(seed);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            mutate(text, random);
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(4) == 0 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        int json = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 2) : bytes.length;
        DataType[] types = DataType.values();
        DataType type = types[1 + random.nextInt(types.length - 1)];
        ModelConfig model = Codec.model(type, "X", "Z");
        return decode(random.nextBoolean() ? model : Codec.model(type, "X"), bytes, json);
    }

    private static void mutate(StringBuilder text, Random random) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + random.nextInt(6));
        switch (random.nextInt(4)) {
            case 0 -> text.delete(at, end);
            case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
            case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
            default -> text.insert(random.nextInt(text.length() + 1), text.substring(at, end));
        }
    }

    private boolean decode(ModelConfig model, byte[] bytes, int jsonLength) {
        TensorBuffer body = codec.body(bytes);
        boolean accepted = false;
        try {
            codec.decoder().decode(model, OptionalLong.empty(), body, jsonLength).request().close();
            accepted = true;
        } catch (StatusException e) {
            assertThat(e.text()).isNotEmpty();
        }
        assertThat(allocator.openBlocks()).isZero();
        return accepted;
    }
}
