package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.fuzz.Corpus;
import io.nereid.protocol.fuzz.Fuzzer;
import io.nereid.protocol.fuzz.Mutator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever comes over gRPC is read right or refused, in bounded time and memory. */
final class ModelInferFuzzTest {
    /** Tags, lengths and pieces of messages. */
    private static final List<String> WORDS =
            List.of(
                    "\n\4INT8",
                    "\22\4INT8",
                    "\n\5BYTES",
                    "\22\5INT32",
                    "\22\5BYTES",
                    "\22\4FP32",
                    "\32\1\1",
                    "\32\0",
                    "*\0",
                    "*\2\n\0",
                    ":\0",
                    ":\1\0",
                    ":\4\1\0\0\0",
                    "\0",
                    "\u007f",
                    "\u00ff\u00ff\u00ff\u00ff\u000f",
                    "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\1",
                    "\u0080\u0080\u0080\u0080\u0080\1",
                    "\u0080",
                    "\13",
                    "\14",
                    "\17",
                    "\u00c3\u00a9",
                    "\"\0",
                    "\"\7\n\1x\22\2\b\1",
                    "shared_memory_region",
                    "classification",
                    "sequence_id",
                    "binary_data");

    @Test
    void readsOrRefusesMutatedMessages() throws InterruptedException {
        List<byte[]> messages =
                Corpus.lines("infer-messages.txt").stream()
                        .map(line -> Base64.getDecoder().decode(line))
                        .toList();
        Fuzzer fuzzer = Fuzzer.ofProperties();

        fuzzer.run("gRPC infer messages", new ModelInferFuzz(), new Mutator(messages, WORDS));

        assertThat(fuzzer.accepted()).isPositive();
    }
}
