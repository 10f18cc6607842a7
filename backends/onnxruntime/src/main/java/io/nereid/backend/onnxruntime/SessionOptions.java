package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The engine's form of {@link SessionSettings}. Needed only while a session is opened. */
final class SessionOptions implements AutoCloseable {
    private final OrtTable table;
    private final MemorySegment pointer;

    private SessionOptions(OrtTable table, MemorySegment pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static SessionOptions open(OrtEngine engine, SessionSettings settings) {
        OrtTable table = engine.table();
        NativeFunction create = table.function(10, ValueLayout.ADDRESS);
        SessionOptions options =
                new SessionOptions(
                        table,
                        table.address(cell -> (MemorySegment) create.handle().invokeExact(cell)));
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
        settings.entries().forEach(this::entry);
    }

    private void turn(int slot) {
        NativeFunction function = table.function(slot, ValueLayout.ADDRESS);
        table.check(() -> (MemorySegment) function.handle().invokeExact(pointer));
    }

    private void set(int slot, int value) {
        NativeFunction function = table.function(slot, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        table.check(() -> (MemorySegment) function.handle().invokeExact(pointer, value));
    }

    private void entry(String key, String value) {
        NativeFunction function =
                table.function(130, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyText = arena.allocateFrom(key);
            MemorySegment valueText = arena.allocateFrom(value);
            table.check(() ->
                    (MemorySegment) function.handle().invokeExact(pointer, keyText, valueText));
        }
    }

    MemorySegment pointer() {
        return pointer;
    }

    @Override
    public void close() {
        NativeFunction release = table.release(100);
        release.accept(pointer);
    }
}
