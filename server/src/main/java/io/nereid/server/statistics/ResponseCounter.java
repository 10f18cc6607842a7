package io.nereid.server.statistics;

import io.nereid.backend.DecoupledResponse;

/** The responses at one position within their requests. Lock-free; any thread. */
final class ResponseCounter {
    private final DurationCounter infer = new DurationCounter();
    private final DurationCounter output = new DurationCounter();
    private final DurationCounter success = new DurationCounter();
    private final DurationCounter fail = new DurationCounter();
    private final DurationCounter empty = new DurationCounter();
    private final DurationCounter cancel = new DurationCounter();

    /** Counts a response (metrics section 8, "response_stats details"). */
    void add(DecoupledResponse response) {
        long nanos = response.inferNanos() + response.outputNanos();
        switch (response.kind()) {
            case SUCCESS -> {
                infer.add(response.inferNanos());
                output.add(response.outputNanos());
                success.add(nanos);
            }
            case FAIL -> {
                infer.add(response.inferNanos());
                if (response.outputNanos() > 0) {
                    output.add(response.outputNanos());
                }
                fail.add(nanos);
            }
            case EMPTY -> {
                infer.add(nanos);
                empty.add(nanos);
            }
            case CANCEL -> cancel.add(nanos);
        }
    }

    ModelStatistics.Responses read() {
        return new ModelStatistics.Responses(
                infer.read(),
                output.read(),
                success.read(),
                fail.read(),
                empty.read(),
                cancel.read());
    }
}
