package io.nereid.server.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/** A repository with a model behind each scheduler. */
final class StressModels {
    /**
     * A model that gives INT32 numbers back.
     *
     * @param largest most numbers in a request
     * @param refuses whether its queue is small and its requests may not wait for long
     * @param repeats whether its clients ask the same again and again
     */
    record Echo(String name, int largest, boolean refuses, boolean repeats) {
        static Echo of(String name, int largest) {
            return new Echo(name, largest, false, false);
        }

        Echo withRefusals() {
            return new Echo(name, largest, true, repeats);
        }

        Echo withRepetitions() {
            return new Echo(name, largest, refuses, true);
        }

        String input() {
            return "INPUT0";
        }

        String output() {
            return "OUTPUT0";
        }

        /** Numbers to ask with. */
        int[] numbers(RandomGenerator random) {
            int count = 1 + random.nextInt(largest);
            return repeats ? random.ints(count, 0, 8).toArray() : Numbers.random(random, count);
        }
    }

    private static final String ECHO =
            """
            backend: "identity"
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;

    private static final String ENSEMBLE =
            """
            platform: "ensemble" max_batch_size: 8
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            ensemble_scheduling { %s }
            """;

    /** An ensemble that answers as often as its first step does. */
    private static final String STREAM =
            """
            platform: "ensemble"
            input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] },
                    { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
                    { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] } ]
            ensemble_scheduling {
              max_inflight_requests: 4
              step { model_name: "repeat" model_version: -1
                input_map { key: "IN" value: "IN" }
                input_map { key: "DELAY" value: "DELAY" }
                input_map { key: "WAIT" value: "WAIT" }
                output_map { key: "OUT" value: "ONE" } }
              step { model_name: "each" model_version: -1
                input_map { key: "INPUT0" value: "ONE" }
                output_map { key: "OUTPUT0" value: "OUT" } } }
            """;

    private StressModels() {}

    /** Models that may be loaded again at any time. */
    static List<String> reloaded() {
        return List.of(
                "direct",
                "dynamic",
                "hurried",
                "chain",
                "nested",
                "large",
                "cached",
                "cached_chain");
    }

    static List<Echo> echoes() {
        return List.of(
                Echo.of("direct", 8),
                Echo.of("dynamic", 8),
                Echo.of("ordered", 8),
                Echo.of("hurried", 4).withRefusals(),
                Echo.of("chain", 8),
                Echo.of("nested", 8),
                Echo.of("cached", 2).withRepetitions(),
                Echo.of("cached_chain", 2).withRepetitions());
    }

    /** Writes the repository. */
    static void place(Path repository) throws IOException {
        place(repository, "direct", ECHO + "max_batch_size: 8 instance_group [ { count: 2 } ]");
        place(
                repository,
                "dynamic",
                ECHO
                        + "max_batch_size: 16 instance_group [ { count: 2 } ]"
                        + " dynamic_batching { preferred_batch_size: [ 4, 8 ]"
                        + " max_queue_delay_microseconds: 500 }");
        place(
                repository,
                "ordered",
                ECHO
                        + "max_batch_size: 8 instance_group [ { count: 3 } ]"
                        + " dynamic_batching { preserve_ordering: true }");
        place(
                repository,
                "hurried",
                ECHO
                        + "max_batch_size: 4"
                        + " parameters { key: \"execute_delay_ms\" value { string_value: \"2\" } }"
                        + " dynamic_batching { priority_levels: 3 default_priority_level: 2"
                        + " default_queue_policy { max_queue_size: 2"
                        + " default_timeout_microseconds: 3000 timeout_action: DELAY }"
                        + " priority_queue_policy { key: 3 value { max_queue_size: 3"
                        + " default_timeout_microseconds: 2000 } } }");
        place(repository, "large", ECHO + "max_batch_size: 200000");
        place(repository, "cached", ECHO + "max_batch_size: 8 response_cache { enable: true }");
        place(
                repository,
                "cached_chain",
                "response_cache { enable: true }"
                        + ENSEMBLE.formatted(step("cached") + step2("dynamic")));
        place(
                repository,
                "each",
                """
                backend: "identity"
                input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
                output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
                """);
        place(repository, "stream_chain", STREAM);
        place(repository, "chain", ENSEMBLE.formatted(step("direct") + step2("dynamic")));
        place(repository, "nested", ENSEMBLE.formatted(step("chain") + step2("ordered")));
    }

    private static String step(String model) {
        return step(model, "INPUT0", "BETWEEN");
    }

    private static String step2(String model) {
        return step(model, "BETWEEN", "OUTPUT0");
    }

    private static String step(String model, String from, String to) {
        return """
        step { model_name: "%s" model_version: -1
          input_map { key: "INPUT0" value: "%s" }
          output_map { key: "OUTPUT0" value: "%s" } }
        """
                .formatted(model, from, to);
    }

    private static void place(Path repository, String model, String config) throws IOException {
        Path directory = repository.resolve(model);
        Files.createDirectories(directory.resolve("1"));
        Files.writeString(directory.resolve("config.pbtxt"), config);
    }
}
