package io.nereid.backend.tensorflow;

import com.google.protobuf.CodedInputStream;
import io.nereid.backend.foreign.NativeFunction;
import io.nereid.backend.foreign.PlatformThreads;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;

/** An opened model: graph and session. Runs may overlap; closed when none is under way. */
final class TfSession implements AutoCloseable {
    private static final long MOST_READ_AT_ONCE = 1 << 30;
    private static final String LOAD_THREAD = "nereid-tensorflow-load";

    private final TfLibrary library;
    private final TfGraph graph;
    private final MemorySegment pointer;
    private final Map<String, SavedSignature> signatures;
    private final NativeFunction run;

    private TfSession(
            TfLibrary library,
            @Owned TfGraph graph,
            @Owned MemorySegment pointer,
            Map<String, SavedSignature> signatures) {
        this.library = library;
        this.graph = graph;
        this.pointer = pointer;
        this.signatures = signatures;
        this.run =
                library.procedure(
                        "TF_SessionRun",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
    }

    /**
     * Opens a model.
     *
     * @throws StatusException INTERNAL with the engine's text
     */
    static @Owned TfSession open(TfLibrary library, TfModelFile file, TfSettings settings) {
        return PlatformThreads.call(
                LOAD_THREAD,
                () -> {
                    TfGraph graph = TfGraph.open(library);
                    boolean complete = false;
                    try {
                        TfSession session =
                                switch (file.format()) {
                                    case SAVED_MODEL -> savedModel(library, graph, file, settings);
                                    case GRAPH_DEF -> graphDef(library, graph, file, settings);
                                };
                        complete = true;
                        return session;
                    } finally {
                        if (!complete) {
                            graph.close();
                        }
                    }
                });
    }

    private static TfSession savedModel(
            TfLibrary library, TfGraph graph, TfModelFile file, TfSettings settings) {
        NativeFunction load =
                library.function(
                        "TF_LoadSessionFromSavedModel",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        TfModelFile.requireContent(file.path().resolve("saved_model.pb"));
        try (Arena arena = Arena.ofConfined();
                TfSessionOptions options = TfSessionOptions.open(library, settings);
                TfBuffer metaGraph = TfBuffer.empty(library)) {
            MemorySegment optionsPointer = options.pointer();
            MemorySegment directory = arena.allocateFrom(file.path().toString());
            MemorySegment tags = arena.allocate(ValueLayout.ADDRESS);
            tags.set(ValueLayout.ADDRESS, 0, arena.allocateFrom(settings.tag()));
            MemorySegment graphPointer = graph.pointer();
            MemorySegment target = metaGraph.pointer();
            MemorySegment session =
                    library.checked(status ->
                            (MemorySegment)
                                    load.handle()
                                            .invokeExact(
                                                    optionsPointer,
                                                    MemorySegment.NULL,
                                                    directory,
                                                    tags,
                                                    1,
                                                    graphPointer,
                                                    target,
                                                    status));
            return withSignatures(library, graph, session, metaGraph, file.path());
        }
    }

    private static TfSession withSignatures(
            TfLibrary library,
            TfGraph graph,
            @Owned MemorySegment session,
            TfBuffer metaGraph,
            Path path) {
        try {
            CodedInputStream bytes = CodedInputStream.newInstance(metaGraph.bytes().asByteBuffer());
            return new TfSession(library, graph, session, SavedSignature.all(bytes));
        } catch (IOException e) {
            delete(library, session);
            throw new StatusException(
                    StatusCode.INTERNAL, "the signatures of " + path + " cannot be read", e);
        }
    }

    private static TfSession graphDef(
            TfLibrary library, TfGraph graph, TfModelFile file, TfSettings settings) {
        NativeFunction create =
                library.function(
                        "TF_NewSession",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS);
        TfModelFile.requireContent(file.path());
        try (Arena arena = Arena.ofConfined();
                TfSessionOptions options = TfSessionOptions.open(library, settings)) {
            graph.add(content(file.path(), arena));
            if (graph.isEmpty()) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "Invalid GraphDef: " + file.path() + " holds no operations");
            }
            MemorySegment graphPointer = graph.pointer();
            MemorySegment optionsPointer = options.pointer();
            MemorySegment session =
                    library.checked(status ->
                            (MemorySegment)
                                    create.handle()
                                            .invokeExact(graphPointer, optionsPointer, status));
            return new TfSession(library, graph, session, Map.of());
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "unable to read " + file.path() + ": " + e, e);
        }
    }

    /** Read, not mapped: the process would end if the file became shorter meanwhile. */
    private static MemorySegment content(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment content = arena.allocate(channel.size());
            long read = 0;
            while (read < content.byteSize()) {
                long length = Math.min(content.byteSize() - read, MOST_READ_AT_ONCE);
                int count = channel.read(content.asSlice(read, length).asByteBuffer());
                if (count < 0) {
                    throw new EOFException("it became shorter while it was read");
                }
                read += count;
            }
            return content;
        }
    }

    TfGraph graph() {
        return graph;
    }

    /** The signatures by key; none for a GraphDef. */
    Map<String, SavedSignature> signatures() {
        return signatures;
    }

    /**
     * Runs the graph.
     *
     * @param inputs places and tensors of the inputs, borrowed
     * @param outputs places of the outputs, and cells with NULL, filled with tensors that the
     *     caller frees
     * @throws StatusException INTERNAL with the engine's text; no output is filled then
     */
    void run(PlacedTensors inputs, PlacedTensors outputs) {
        MemorySegment inputPlaces = inputs.places();
        MemorySegment inputTensors = inputs.tensors();
        int inputCount = inputs.count();
        MemorySegment outputPlaces = outputs.places();
        MemorySegment outputTensors = outputs.tensors();
        int outputCount = outputs.count();
        MemorySegment _ =
                library.checked(status -> {
                    run.handle()
                            .invokeExact(
                                    pointer,
                                    MemorySegment.NULL,
                                    inputPlaces,
                                    inputTensors,
                                    inputCount,
                                    outputPlaces,
                                    outputTensors,
                                    outputCount,
                                    MemorySegment.NULL,
                                    0,
                                    MemorySegment.NULL,
                                    status);
                    return status;
                });
    }

    /**
     * Two arrays of the same length.
     *
     * @param places pairs of operation and index
     * @param tensors pointers to tensors, or NULL
     * @param count length
     */
    record PlacedTensors(MemorySegment places, MemorySegment tensors, int count) {}

    @Override
    public void close() {
        delete(library, pointer);
        graph.close();
    }

    private static void delete(TfLibrary library, MemorySegment session) {
        for (String step : new String[] {"TF_CloseSession", "TF_DeleteSession"}) {
            NativeFunction function =
                    library.procedure(step, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
            MemorySegment _ =
                    library.checked(status -> {
                        function.handle().invokeExact(session, status);
                        return status;
                    });
        }
    }
}
