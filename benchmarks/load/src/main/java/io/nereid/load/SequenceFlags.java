package io.nereid.load;

import io.nereid.load.data.InputData;
import io.nereid.load.pace.SequenceIds;
import io.nereid.load.pace.SequencePlan;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Option;

/** How sequences are made. */
final class SequenceFlags {
    private static final int DEFAULT_LENGTH = 20;
    private static final int MOST_PERCENT = 100;

    @Option(
            names = "--num-of-sequences",
            paramLabel = "<n>",
            description = "Open loop: sequences that live at once. Default: 4.")
    private int sequences = 4;

    @Option(
            names = "--sequence-length",
            paramLabel = "<n>",
            description =
                    "Requests of a sequence in the mean. Default: 20; with input data from files,"
                            + " as many as there are.")
    private Optional<Integer> length = Optional.empty();

    @Option(
            names = "--sequence-length-variation",
            paramLabel = "<percent>",
            description = "How much longer or shorter sequences may be. Default: 20.")
    private int variation = 20;

    @Option(
            names = "--sequence-id-range",
            paramLabel = "<start:end>",
            description = "Ids of sequences; the end is not one of them. Default: from 1 on.")
    private Optional<String> ids = Optional.empty();

    @Option(
            names = "--start-sequence-id",
            paramLabel = "<n>",
            description = "The first id of a sequence. Default: 1.")
    private long first = 1;

    @Option(
            names = "--serial-sequences",
            description =
                    "Accepted for perf_analyzer's command lines; a sequence never has more than one"
                            + " request under way.")
    boolean serial;

    /** Sequences of an open loop. */
    int sequences() {
        if (sequences < 1) {
            throw StatusException.invalidArgument("--num-of-sequences takes a positive number");
        }
        return sequences;
    }

    /** Ids as wanted. */
    SequenceIds ids() {
        if (ids.isEmpty()) {
            return range(first, Long.MAX_VALUE);
        }
        String[] parts = ids.get().split(":", -1);
        try {
            return range(
                    Long.parseLong(parts[0]),
                    parts.length == 1 ? Long.MAX_VALUE : Long.parseLong(parts[parts.length - 1]));
        } catch (NumberFormatException e) {
            throw refused(ids.get());
        }
    }

    /** A plan for the streams of the data. */
    SequencePlan plan(
            SequenceIds sequenceIds, InputData data, boolean fromFiles, RandomGenerator random) {
        if (length.orElse(1) < 1 || variation < 0 || variation > MOST_PERCENT) {
            throw StatusException.invalidArgument(
                    "--sequence-length takes a positive number, --sequence-length-variation 0 to"
                            + " 100");
        }
        OptionalInt wanted =
                length.isPresent() || !fromFiles
                        ? OptionalInt.of(length.orElse(DEFAULT_LENGTH))
                        : OptionalInt.empty();
        List<Integer> streams = data.streams().stream().map(List::size).toList();
        return new SequencePlan(sequenceIds, streams, wanted, variation, random);
    }

    private static SequenceIds range(long first, long end) {
        if (first < 1 || end <= first) {
            throw refused(first + ":" + end);
        }
        return new SequenceIds(first, end);
    }

    private static StatusException refused(String text) {
        return StatusException.invalidArgument(
                "--sequence-id-range takes start:end with start above 0 and end above start, got '"
                        + text
                        + "'");
    }
}
