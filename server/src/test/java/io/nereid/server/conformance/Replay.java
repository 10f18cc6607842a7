package io.nereid.server.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the answers to the recorded cases of one server into tests, and counts them. */
final class Replay {
    private static final Logger log = LoggerFactory.getLogger(Replay.class);

    /** Replays the cases of one server. */
    interface Run {
        Results results() throws IOException;
    }

    /**
     * One answer.
     *
     * @param difference how it differs from the recorded one; empty if it does not
     */
    record Result(String name, Optional<String> difference) {}

    /** Answers in the order of the recording. */
    static final class Results {
        private final List<Result> results = new ArrayList<>();

        void add(String name, Optional<String> difference) {
            results.add(new Result(name, difference));
        }
    }

    private Replay() {}

    /** A test for each case that must pass; the server runs when the first one is asked for. */
    static DynamicContainer container(String protocol, String key, Run run) {
        return dynamicContainer(
                protocol + " " + key, Stream.of(run).flatMap(now -> tests(protocol, key, now)));
    }

    private static Stream<DynamicTest> tests(String protocol, String key, Run run) {
        List<Result> results;
        try {
            results = run.results().results;
        } catch (IOException e) {
            throw new UncheckedIOException(protocol + " recordings of server " + key, e);
        }
        count(protocol, key, results);
        return results.stream()
                .filter(result -> Coverage.waitsFor(result.name()).isEmpty())
                .map(result ->
                        dynamicTest(
                                result.name(),
                                () -> assertThat(result.difference()).as(result.name()).isEmpty()));
    }

    private static void count(String protocol, String key, List<Result> results) {
        results.forEach(result ->
                result.difference()
                        .ifPresent(text -> log.debug("{} {}: {}", key, result.name(), text)));
        long matching = results.stream().filter(result -> result.difference().isEmpty()).count();
        List<String> early =
                results.stream()
                        .filter(result -> result.difference().isEmpty())
                        .map(Result::name)
                        .filter(name -> Coverage.waitsFor(name).isPresent())
                        .toList();
        log.info(
                "{} recordings, server {}: {} of {} cases match; matching although they may wait:"
                        + " {}",
                protocol,
                key,
                matching,
                results.size(),
                early);
    }
}
