package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeCall;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.NativeLibrary;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
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

    private static final int DEVICE_ALLOCATOR = 0;
    private static final int DEFAULT_MEMORY = 0;

    private final OrtTable table;
    private final OrtValues values;
    private final MemorySegment environment;

    private OrtEngine(OrtTable table, OrtValues values, MemorySegment environment) {
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
        MemorySegment environment =
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

    MemorySegment environment() {
        return environment;
    }

    @Override
    public void close() {
        values.close();
        NativeFunction release = table.release(92);
        release.accept(environment);
    }

    private static MemorySegment table(NativeLibrary library) {
        NativeFunction base =
                library.function("OrtGetApiBase", FunctionDescriptor.of(ValueLayout.ADDRESS));
        MemorySegment functions =
                Segments.view(
                        NativeCall.of(() -> (MemorySegment) base.handle().invokeExact()),
                        2 * ValueLayout.ADDRESS.byteSize());
        NativeFunction getApi =
                new NativeFunction(
                        functions.getAtIndex(ValueLayout.ADDRESS, 0),
                        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        MemorySegment table =
                NativeCall.of(
                        () -> (MemorySegment) getApi.handle().invokeExact(OrtTable.API_VERSION));
        if (table.equals(MemorySegment.NULL)) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "libonnxruntime.so is too old: version 1."
                            + OrtTable.API_VERSION
                            + " or newer is needed");
        }
        return table;
    }

    private static MemorySegment plainEnvironment(OrtTable table) {
        NativeFunction create =
                table.function(3, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logId = arena.allocateFrom("nereid");
            return table.address(
                    cell -> (MemorySegment) create.handle().invokeExact(LOG_FATAL, logId, cell));
        }
    }

    private static MemorySegment sharedThreadsEnvironment(OrtTable table, GlobalThreads threads) {
        NativeFunction create =
                table.function(
                        119,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined();
                OrtThreading threading = OrtThreading.open(table, threads)) {
            MemorySegment logId = arena.allocateFrom("nereid");
            MemorySegment options = threading.pointer();
            return table.address(cell ->
                    (MemorySegment) create.handle().invokeExact(LOG_FATAL, logId, options, cell));
        }
    }

    private static OrtValues values(OrtTable table) {
        NativeFunction memoryInfo =
                table.function(69, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        NativeFunction allocator = table.function(78, ValueLayout.ADDRESS);
        MemorySegment cpu =
                table.address(cell ->
                        (MemorySegment)
                                memoryInfo
                                        .handle()
                                        .invokeExact(DEVICE_ALLOCATOR, DEFAULT_MEMORY, cell));
        return new OrtValues(
                table,
                cpu,
                table.address(cell -> (MemorySegment) allocator.handle().invokeExact(cell)));
    }
}
