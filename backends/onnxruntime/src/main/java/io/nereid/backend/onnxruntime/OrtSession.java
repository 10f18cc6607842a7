package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.PlatformThreads;
import io.nereid.protocol.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** An opened model. Runs may overlap; closed when none is under way. */
final class OrtSession implements AutoCloseable {
    private final OrtEngine engine;
    private final MemorySegment pointer;
    private final OrtSignature signature;
    private final MemorySegment run;
    private final Arena names = Arena.ofShared();
    private final Map<String, MemorySegment> nameTexts = new HashMap<>();

    private OrtSession(OrtEngine engine, MemorySegment pointer, OrtSignature signature) {
        this.engine = engine;
        this.pointer = pointer;
        this.signature = signature;
        this.run = engine.table().address(9);
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
        MemorySegment session = create(engine, file, settings);
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

    private static MemorySegment create(OrtEngine engine, Path file, SessionSettings settings) {
        NativeFunction create =
                engine.table()
                        .function(
                                7,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS);
        try (Arena arena = Arena.ofConfined();
                SessionOptions options = SessionOptions.open(engine, settings)) {
            MemorySegment environment = engine.environment();
            MemorySegment path = arena.allocateFrom(file.toString());
            MemorySegment optionsPointer = options.pointer();
            return engine.table()
                    .address(cell ->
                            (MemorySegment)
                                    create.handle()
                                            .invokeExact(environment, path, optionsPointer, cell));
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
     * @param runOptions the engine's run options or NULL
     * @param inputs values of the inputs, borrowed
     * @param outputs cells with NULL, filled with values that the caller releases
     * @throws io.nereid.protocol.StatusException INTERNAL with the engine's text; no output is
     *     filled then
     */
    void run(MemorySegment runOptions, NamedValues inputs, NamedValues outputs) {
        engine.table()
                .check(OrtCalls.run(run, pointer.address(), runOptions.address(), inputs, outputs));
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

    private static void release(OrtEngine engine, MemorySegment session) {
        NativeFunction release = engine.table().release(95);
        release.accept(session);
    }
}
