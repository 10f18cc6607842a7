package io.nereid.server.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.nereid.server.main.NereidServer;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real server answers as the reference did: key {@code main} of the HTTP recordings. */
final class HttpConformanceIT {
    private static final Logger log = LoggerFactory.getLogger(HttpConformanceIT.class);

    private static final Map<GoldenCase, Optional<String>> RESULTS = new LinkedHashMap<>();

    /** Replays every case in file order, because some change what later ones see. */
    @BeforeAll
    static void replay() throws Exception {
        try (NereidServer server =
                NereidServer.start(
                        TestServers.options(TestServers.resource("/conformance/repository")))) {
            for (GoldenCase golden : GoldenCase.of("main")) {
                RESULTS.put(golden, answer(server.httpPort(), golden));
            }
        }
    }

    @AfterAll
    static void count() {
        long passed = RESULTS.values().stream().filter(Optional::isEmpty).count();
        log.info("HTTP recordings, key main: {} of {} cases match", passed, RESULTS.size());
    }

    @TestFactory
    Stream<DynamicTest> answersAsRecorded() {
        return Coverage.now(List.copyOf(RESULTS.keySet())).stream()
                .map(golden ->
                        dynamicTest(
                                golden.name(), () -> assertThat(RESULTS.get(golden)).isEmpty()));
    }

    private static Optional<String> answer(int port, GoldenCase golden) {
        try {
            return Comparison.difference(golden, Exchange.send(port, golden));
        } catch (IOException e) {
            return golden.closesConnection() ? Optional.empty() : Optional.of("no answer: " + e);
        }
    }
}
