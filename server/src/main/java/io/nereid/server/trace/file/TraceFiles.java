package io.nereid.server.trace.file;

import io.nereid.server.trace.TraceSetting;
import io.nereid.server.trace.TraceSink;
import io.nereid.server.trace.TracedCall;
import java.util.IdentityHashMap;

/**
 * Decides which traces go to which file, and when (metrics section 10). Traces are collected per
 * setting. They go to the next numbered file when as many were collected as belong into one, or
 * when all that were asked for are there. The rest goes to the plain file, or to the next numbered
 * one if files have a size, when the setting is replaced or the server stops.
 *
 * <p>So that nothing grows without end, what exceeds {@link #MAX_CHARS} is written like the rest.
 */
public final class TraceFiles implements TraceSink {
    /** Most characters that a setting's traces may wait with. */
    static final int MAX_CHARS = 16 << 20;

    /** The traces of a setting that have not been written. */
    private static final class Collected {
        private final StringBuilder text = new StringBuilder();
        private long traces;

        /** Of all traces that the setting began, those that are complete or lost. */
        private long ended;

        private boolean retired;

        void add(String json) {
            if (!text.isEmpty()) {
                text.append(',');
            }
            text.append(json);
            traces++;
        }

        String take() {
            String all = text.toString();
            text.setLength(0);
            text.trimToSize();
            traces = 0;
            return all;
        }
    }

    private final TraceFile file;
    private final IdentityHashMap<TraceSetting, Collected> collected = new IdentityHashMap<>();

    /**
     * @param file closed with this
     */
    public TraceFiles(TraceFile file) {
        this.file = file;
    }

    @Override
    public void add(TracedCall call) {
        Collected traces = collectedOf(call.setting());
        String json = TraceJson.of(call);
        if (!json.isEmpty()) {
            traces.add(json);
        }
        ended(call.setting(), traces);
    }

    @Override
    public void lost(TraceSetting setting) {
        ended(setting, collectedOf(setting));
    }

    @Override
    public void retire(TraceSetting setting) {
        Collected traces = collectedOf(setting);
        traces.retired = true;
        writeIfDone(setting, traces);
    }

    @Override
    public void close() {
        collected.forEach(this::writeRest);
        collected.clear();
        file.close();
    }

    private Collected collectedOf(TraceSetting setting) {
        return collected.computeIfAbsent(setting, _ -> new Collected());
    }

    private void ended(TraceSetting setting, Collected traces) {
        traces.ended++;
        boolean full = setting.logFrequency() != 0 && traces.traces >= setting.logFrequency();
        boolean last = setting.isExhausted() && traces.ended >= setting.begun();
        if ((full || last) && traces.traces > 0) {
            file.writeNext(traces.take());
        } else if (traces.text.length() > MAX_CHARS) {
            writeRest(setting, traces);
        }
        writeIfDone(setting, traces);
    }

    private void writeIfDone(TraceSetting setting, Collected traces) {
        if (traces.retired && traces.ended >= setting.begun()) {
            writeRest(setting, traces);
            collected.remove(setting);
        }
    }

    private void writeRest(TraceSetting setting, Collected traces) {
        if (traces.traces == 0) {
            return;
        }
        if (setting.logFrequency() == 0) {
            file.append(traces.take());
        } else {
            file.writeNext(traces.take());
        }
    }
}
