package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the steps of one run took, for a client that asks with the parameter {@code nereid_timing}.
 * May be used from any thread.
 */
final class RunTimings {
    /** Name of the parameter, in requests and responses. */
    static final String PARAMETER = "nereid_timing";

    /** Most steps that one response tells of. */
    static final int MAX_STEPS = 1024;

    private final long arrivalNanos;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<StepTiming> steps = new ArrayList<>();

    @GuardedBy("lock")
    private long leftOut;

    RunTimings(long arrivalNanos) {
        this.arrivalNanos = arrivalNanos;
    }

    /** Timings if the request asks for them. */
    static Optional<RunTimings> of(InferenceRequest request, long arrivalNanos) {
        return request.parameters().get(PARAMETER) instanceof Parameter.BoolValue(boolean wanted)
                        && wanted
                ? Optional.of(new RunTimings(arrivalNanos))
                : Optional.empty();
    }

    /** A step has ended or, if it is decoupled, responded. */
    void add(StepTiming step) {
        lock.lock();
        try {
            if (steps.size() < MAX_STEPS) {
                steps.add(step);
            } else {
                leftOut++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was added since the last time, as a JSON text. */
    String take(long now) {
        List<StepTiming> taken;
        long more;
        lock.lock();
        try {
            taken = List.copyOf(steps);
            more = leftOut;
            steps.clear();
            leftOut = 0;
        } finally {
            lock.unlock();
        }
        StringBuilder json = new StringBuilder(64 + 160 * taken.size());
        number(json.append('{'), "total_us", micros(now - arrivalNanos)).append(",\"steps\":[");
        for (int i = 0; i < taken.size(); i++) {
            step(i == 0 ? json : json.append(','), taken.get(i));
        }
        json.append(']');
        if (more > 0) {
            number(json.append(','), "left_out", more);
        }
        return json.append('}').toString();
    }

    private void step(StringBuilder json, StepTiming timing) {
        number(json.append('{'), "step", timing.step().index()).append(",\"model\":");
        text(json, timing.step().model()).append(',');
        number(json, "version", timing.step().version()).append(',');
        number(json, "start_us", micros(timing.startNanos() - arrivalNanos)).append(',');
        number(json, "queue_us", micros(timing.queueNanos())).append(',');
        number(json, "compute_input_us", micros(timing.compute().input())).append(',');
        number(json, "compute_infer_us", micros(timing.compute().infer())).append(',');
        number(json, "compute_output_us", micros(timing.compute().output())).append(',');
        number(json, "total_us", micros(timing.totalNanos()));
        if (!timing.nested().isEmpty()) {
            json.append(",\"nested\":").append(timing.nested());
        }
        json.append('}');
    }

    private static StringBuilder number(StringBuilder json, String name, long value) {
        return json.append('"').append(name).append("\":").append(value);
    }

    /** A model's name, which may hold any character that a directory's name can. */
    private static StringBuilder text(StringBuilder json, String value) {
        json.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"');
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
