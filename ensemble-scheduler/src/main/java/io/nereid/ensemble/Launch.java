package io.nereid.ensemble;

/** One run of a step: from the moment its inputs are there until its request has ended. */
final class Launch {
    private final EnsembleGraph.Step step;
    private final Wave wave;
    private final long readyNanos;
    private long heldBytes;
    private boolean answered;

    /**
     * @param wave where its inputs come from
     * @param readyNanos when the last of them came
     */
    Launch(EnsembleGraph.Step step, Wave wave, long readyNanos) {
        this.step = step;
        this.wave = wave;
        this.readyNanos = readyNanos;
    }

    EnsembleGraph.Step step() {
        return step;
    }

    Wave wave() {
        return wave;
    }

    long readyNanos() {
        return readyNanos;
    }

    /** Counts its inputs as held. */
    void hold(long byteSize) {
        heldBytes = byteSize;
        wave.meter().add(byteSize);
    }

    /** Its inputs are held no longer. */
    void release() {
        wave.meter().remove(heldBytes);
    }

    /** Notes an answer; whether it is the first. */
    boolean firstAnswer() {
        boolean first = !answered;
        answered = true;
        return first;
    }
}
