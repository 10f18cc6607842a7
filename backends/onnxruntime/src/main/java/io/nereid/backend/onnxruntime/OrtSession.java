package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.PlatformThreads;
import io.nereid.protocol.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** An opened model. Runs may overlap; closed when none is under way. */
final class OrtSession implements AutoCloseable {
    private final OrtEngine engine;
    private final long pointer;
    private final OrtSignature signature;
    private final MemorySegment run;
    private final Arena names = Arena.ofShared();
    private final Map<String, MemorySegment> nameTexts = new HashMap<>();

    private OrtSession(OrtEngine engine, long pointer, OrtSignature signature) {
        this.engine = engine;
        this.pointer = pointer;
        this.signature = signature;
        this.run = engine.table().function(9);
        signature.inputs().keySet().forEach(this::keepName);
        signature.defaulted().keySet().forEach(this::keepName);
        signature.outputs().keySet().forEach(this::keepName);
    }

    /**
     * Opens a model file.
     *
     * @throws io.nereid.protocol.StatusException INTERNAL with the engine's text, or UNSUPPORTED if
     *     an input or output is not a tensor
     */
    static @Owned OrtSession open(OrtEngine engine, Path file, SessionSettings settings) {
        return PlatformThreads.call(
                "nereid-onnxruntime-load", () -> openHere(engine, file, settings));
    }

    private static @Owned OrtSession openHere(
            OrtEngine engine, Path file, SessionSettings settings) {
        long session = create(engine, file, settings);
        boolean complete = false;
        try {
            OrtSession opened =
                    new OrtSession(engine, session, new SignatureReader(engine, session).read());
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                release(engine, session);
            }
        }
    }

    private static long create(OrtEngine engine, Path file, SessionSettings settings) {
        try (Arena arena = Arena.ofConfined();
                SessionOptions options = SessionOptions.open(engine, settings)) {
            return engine.table()
                    .get(
                            7,
                            engine.environment(),
                            arena.allocateFrom(file.toString()).address(),
                            options.pointer());
        }
    }

    OrtEngine engine() {
        return engine;
    }

    OrtSignature signature() {
        return signature;
    }

    /** The name of an input or output as the engine takes it, valid until the session closes. */
    MemorySegment name(String name) {
        MemorySegment text = nameTexts.get(name);
        if (text == null) {
            throw new IllegalStateException("the graph has no tensor '" + name + "'");
        }
        return text;
    }

    /**
     * Runs the graph.
     *
     * @param runOptions the engine's run options, or 0
     * @param inputs values of the inputs, borrowed
     * @param outputs cells with NULL, filled with values that the caller releases
     * @throws io.nereid.protocol.StatusException INTERNAL with the engine's text; no output is
     *     filled then
     */
    void run(long runOptions, NamedValues inputs, NamedValues outputs) {
        engine.table()
                .check(
                        OrtCalls.call(
                                run,
                                pointer,
                                runOptions,
                                inputs.names().address(),
                                inputs.values().address(),
                                inputs.count(),
                                outputs.names().address(),
                                outputs.count(),
                                outputs.values().address()));
    }

    /**
     * Two arrays of pointers of the same length.
     *
     * @param names names as {@link #name} gives them
     * @param values values, or NULL
     * @param count length
     */
    record NamedValues(MemorySegment names, MemorySegment values, long count) {}

    @Override
    public void close() {
        release(engine, pointer);
        names.close();
    }

    private void keepName(String name) {
        nameTexts.put(name, names.allocateFrom(name));
    }

    private static void release(OrtEngine engine, long session) {
        engine.table().release(95, session);
    }
}
