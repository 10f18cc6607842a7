package io.nereid.backend.onnxruntime;

/** The engine's form of {@link SessionSettings}. Needed only while a session is opened. */
final class SessionOptions implements AutoCloseable {
    private final OrtTable table;
    private final long pointer;

    private SessionOptions(OrtTable table, long pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static SessionOptions open(OrtEngine engine, SessionSettings settings) {
        OrtTable table = engine.table();
        SessionOptions options = new SessionOptions(table, table.get(10));
        boolean complete = false;
        try {
            options.apply(settings);
            complete = true;
            return options;
        } finally {
            if (!complete) {
                options.close();
            }
        }
    }

    private void apply(SessionSettings settings) {
        if (settings.sharedThreads()) {
            turn(120);
        } else {
            set(24, settings.intraThreads());
            set(25, settings.interThreads());
        }
        set(13, settings.parallel() ? 1 : 0);
        set(23, settings.optimization());
        settings.memoryPattern().ifPresent(on -> turn(on ? 16 : 17));
        settings.memoryArena().ifPresent(on -> turn(on ? 18 : 19));
        settings.entries().forEach((key, value) -> table.set(130, pointer, key, value));
    }

    private void turn(int slot) {
        table.call(slot, pointer);
    }

    private void set(int slot, int value) {
        table.call(slot, pointer, value);
    }

    long pointer() {
        return pointer;
    }

    @Override
    public void close() {
        table.release(100, pointer);
    }
}
