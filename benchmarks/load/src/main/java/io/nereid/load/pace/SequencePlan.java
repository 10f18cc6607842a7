package io.nereid.load.pace;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** How sequences are made: their ids, their data and their lengths. May be used from any thread. */
public final class SequencePlan {
    private static final double PERCENT = 100;

    /**
     * One sequence's requests: those of a stream from {@code first} on, over and over.
     *
     * @param streamLength number of requests of the stream
     */
    record Script(int first, int streamLength, int length) {
        static final Script NONE = new Script(0, 1, 0);

        int request(int index) {
            return first + index % streamLength;
        }
    }

    private final SequenceIds ids;
    private final List<Script> streams;
    private final OptionalInt length;
    private final int variation;
    private final RandomGenerator random;
    private int nextStream;

    /**
     * A plan.
     *
     * @param streamLengths number of requests of each stream of data
     * @param length of a sequence in the mean; if empty, that of its stream
     * @param variation how many percent longer or shorter sequences may be
     */
    public SequencePlan(
            SequenceIds ids,
            List<Integer> streamLengths,
            OptionalInt length,
            int variation,
            RandomGenerator random) {
        this.ids = ids;
        this.length = length;
        this.variation = variation;
        this.random = random;
        List<Script> scripts = new ArrayList<>();
        int first = 0;
        for (int requests : streamLengths) {
            scripts.add(new Script(first, requests, requests));
            first += requests;
        }
        this.streams = List.copyOf(scripts);
    }

    SequenceIds ids() {
        return ids;
    }

    /** The next sequence's requests. */
    synchronized Script script() {
        Script stream = streams.get(nextStream);
        nextStream = (nextStream + 1) % streams.size();
        if (length.isEmpty()) {
            return stream;
        }
        double most = length.getAsInt() * (variation / PERCENT);
        long varied = Math.round(length.getAsInt() + most * (2 * random.nextDouble() - 1));
        return new Script(stream.first(), stream.streamLength(), (int) Math.max(1, varied));
    }
}
