package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeLibrary;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * The running library: its functions and the environment that all sessions share. The library keeps
 * one environment for the process and counts who uses it.
 */
final class OrtEngine implements AutoCloseable {
    /** Failures come back as statuses; the library prints only what it cannot report otherwise. */
    private static final int LOG_FATAL = 4;

    private static final String LOG_ID = "nereid";
    private static final int DEVICE_ALLOCATOR = 0;
    private static final int DEFAULT_MEMORY = 0;

    private final OrtTable table;
    private final OrtValues values;
    private final long environment;

    private OrtEngine(OrtTable table, OrtValues values, long environment) {
        this.table = table;
        this.values = values;
        this.environment = environment;
    }

    /**
     * Loads the library.
     *
     * @throws StatusException UNAVAILABLE if it is missing or too old
     */
    static OrtEngine start(Path nativeDirectory, GlobalThreads threads) {
        NativeLibrary library =
                NativeLibrary.open("onnxruntime", nativeDirectory, "libonnxruntime.so");
        OrtTable table = new OrtTable(table(library));
        long environment =
                threads.use() == GlobalThreads.Use.NOBODY
                        ? plainEnvironment(table)
                        : sharedThreadsEnvironment(table, threads);
        return new OrtEngine(table, values(table), environment);
    }

    OrtTable table() {
        return table;
    }

    OrtValues values() {
        return values;
    }

    long environment() {
        return environment;
    }

    @Override
    public void close() {
        values.close();
        table.release(92, environment);
    }

    private static long table(NativeLibrary library) {
        long base = OrtCalls.call(library.address("OrtGetApiBase"));
        MemorySegment getApi =
                Segments.view(MemorySegment.ofAddress(base), ValueLayout.ADDRESS.byteSize())
                        .get(ValueLayout.ADDRESS, 0);
        long table = OrtCalls.call(getApi, OrtTable.API_VERSION);
        if (table == 0) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "libonnxruntime.so is too old: version 1."
                            + OrtTable.API_VERSION
                            + " or newer is needed");
        }
        return table;
    }

    private static long plainEnvironment(OrtTable table) {
        try (Arena arena = Arena.ofConfined()) {
            return table.get(3, LOG_FATAL, arena.allocateFrom(LOG_ID).address());
        }
    }

    private static long sharedThreadsEnvironment(OrtTable table, GlobalThreads threads) {
        try (Arena arena = Arena.ofConfined();
                OrtThreading threading = OrtThreading.open(table, threads)) {
            return table.get(
                    119, LOG_FATAL, arena.allocateFrom(LOG_ID).address(), threading.pointer());
        }
    }

    private static OrtValues values(OrtTable table) {
        return new OrtValues(table, table.get(69, DEVICE_ALLOCATOR, DEFAULT_MEMORY), table.get(78));
    }
}
