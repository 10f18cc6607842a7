package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.fuzz.Corpus;
import io.nereid.protocol.fuzz.Fuzzer;
import io.nereid.protocol.fuzz.Mutator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever comes over HTTP is read right or refused, in bounded time and memory. */
final class HttpCodecFuzzTest {
    private static final List<String> WORDS =
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
                    "\\u0000",
                    "-",
                    "0",
                    "1e999",
                    "1e-999",
                    "0.1",
                    "18446744073709551615",
                    "18446744073709551616",
                    "9223372036854775808",
                    "-9223372036854775808",
                    "-9223372036854775809",
                    "4.9e-324",
                    "179769313486231580793728971405301e276",
                    "null",
                    "true",
                    "false",
                    "NaN",
                    "Infinity",
                    "-Infinity",
                    "\"data\":",
                    "\"data\":[",
                    "\"shape\":",
                    "\"shape\":[0]",
                    "\"shape\":[4294967296,4294967296]",
                    "\"inputs\":[",
                    "\"inputs\":",
                    "\"outputs\":[",
                    "\"parameters\":{",
                    "\"binary_data_size\":",
                    "\"binary_data_size\":64",
                    "\"classification\":1",
                    "\"name\":\"INPUT0\"",
                    "\"name\":\"X\"",
                    "\"datatype\":\"FP32\"",
                    "\"datatype\":\"UINT8\"",
                    "\"datatype\":\"INT64\"",
                    "\"datatype\":\"BYTES\"",
                    "\"datatype\":\"BOOL\"",
                    "\"id\":\"a\"",
                    "\"sequence_id\":1",
                    "\"shared_memory_region\":\"r\"",
                    "{\"a\":[",
                    "\u00ef\u00bb\u00bf",
                    "\u00c3\u00a9",
                    "\u00ff",
                    "\r\n",
                    "\t",
                    " ");

    private static final List<String> GENERATE =
            List.of(
                    "{\"text_input\":\"hello\"}",
                    "{\"text_input\":[1,2,3],\"X\":4}",
                    "{\"X\":[true,false],\"text_input\":true,\"id\":\"a\"}",
                    "{\"parameters\":{\"X\":0.5,\"temperature\":0.1},\"text_input\":-1e3}",
                    "{\"text_input\":[\"a\",\"\\u00e9\"],\"stream\":false,\"n\":18446744073709551615}");

    /** A recorded body and the length of its JSON part. */
    @SuppressWarnings("ArrayRecordComponent") // a value of a test, never compared
    private record Body(int jsonLength, byte[] bytes) {
        static Body of(String line) {
            String[] parts = line.split(" ");
            return new Body(Integer.parseInt(parts[0]), Base64.getDecoder().decode(parts[1]));
        }
    }

    private static List<Body> bodies() {
        return Corpus.lines("http-bodies.txt").stream().map(Body::of).toList();
    }

    @Test
    void readsOrRefusesMutatedBodies() throws InterruptedException {
        List<byte[]> inputs = new ArrayList<>();
        for (Body body : bodies()) {
            for (int model = 0; model < 42; model += 1 + inputs.size() % 5) {
                inputs.add(HttpBodyFuzz.input(model, body.jsonLength(), body.bytes()));
            }
        }
        Fuzzer fuzzer = Fuzzer.ofProperties();

        fuzzer.run("HTTP bodies", new HttpBodyFuzz(), new Mutator(inputs, WORDS));

        assertThat(fuzzer.accepted()).isPositive();
    }

    @Test
    void readsAnyTextAsJacksonDoes() throws InterruptedException {
        List<byte[]> texts =
                bodies().stream()
                        .map(body ->
                                Arrays.copyOf(
                                        body.bytes(),
                                        Math.min(body.jsonLength(), body.bytes().length)))
                        .toList();
        Fuzzer fuzzer = Fuzzer.ofProperties();

        fuzzer.run("JSON texts", new JsonScannerFuzz(), new Mutator(texts, WORDS));

        assertThat(fuzzer.accepted()).isPositive();
    }

    @Test
    void readsOrRefusesGenerateRequests() throws InterruptedException {
        List<byte[]> inputs = new ArrayList<>();
        for (String body : GENERATE) {
            for (char model = 0; model < 13; model++) {
                inputs.add((model + body).getBytes(StandardCharsets.UTF_8));
            }
        }
        Fuzzer fuzzer = Fuzzer.ofProperties();

        fuzzer.run("generate requests", new GenerateFuzz(), new Mutator(inputs, WORDS));

        assertThat(fuzzer.accepted()).isPositive();
    }

    @Test
    void readsOrRefusesBodiesWithEveryLengthOfTheJsonPart() {
        HttpBodyFuzz target = new HttpBodyFuzz();
        List<Body> binary =
                bodies().stream().filter(body -> body.jsonLength() < body.bytes().length).toList();
        assertThat(binary).isNotEmpty();
        int accepted = 0;
        for (Body body : binary) {
            for (int length = 0; length <= body.bytes().length + 1; length++) {
                for (int model = 0; model < 42; model++) {
                    byte[] input = HttpBodyFuzz.input(model, length, body.bytes());
                    accepted += target.accept(input) ? 1 : 0;
                }
            }
        }
        assertThat(accepted).isPositive();
    }

    @Test
    void readsOrRefusesBodiesCutAnywhere() {
        HttpBodyFuzz target = new HttpBodyFuzz();
        for (Body body : bodies()) {
            for (int length = 0; length <= body.bytes().length; length++) {
                byte[] cut = Arrays.copyOf(body.bytes(), length);
                target.accept(HttpBodyFuzz.input(18, Math.min(length, body.jsonLength()), cut));
            }
        }
    }
}
