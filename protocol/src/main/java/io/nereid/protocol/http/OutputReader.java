package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusException;
import java.util.HashMap;
import java.util.Map;

/** Reads the request's {@code outputs} (HTTP protocol section 11.6). */
final class OutputReader {
    /** Most outputs that a request names. The reference knows no limit; memory does. */
    static final int MAX_OUTPUTS = 10_000;

    private static final long NONE = InputMembers.NONE;

    private final JsonCursor cursor;
    private final JsonAccess access;
    private final InferenceRequest request;
    private final SharedMemory memory;
    private final SharedOutputs places;
    private final Map<String, OutputSelection.Form> forms = new HashMap<>();
    private final SharedMembers shared = new SharedMembers();

    private long name;
    private long binaryData;
    private long classification;

    private OutputReader(
            JsonCursor cursor,
            JsonAccess access,
            InferenceRequest request,
            SharedMemory memory,
            SharedOutputs places) {
        this.cursor = cursor;
        this.access = access;
        this.request = request;
        this.memory = memory;
        this.places = places;
    }

    /**
     * Reads the value at that place: the names into the request, the rest into the result.
     *
     * @param at the place; -1 if the request names no outputs
     * @param othersBinary what the request says of outputs that it does not name
     * @param batched whether outputs have a batch dimension
     * @throws StatusException INVALID_ARG with the texts of section 11.6; also what {@link
     *     SharedMemory} throws
     */
    static @Owned OutputSelection read(
            JsonCursor cursor,
            JsonAccess access,
            InferenceRequest request,
            SharedMemory memory,
            long at,
            boolean othersBinary,
            boolean batched) {
        if (at == NONE) {
            return OutputSelection.of(Map.of(), othersBinary, batched);
        }
        SharedOutputs places = SharedOutputs.open();
        boolean complete = false;
        try {
            OutputReader reader = new OutputReader(cursor, access, request, memory, places);
            reader.read(at);
            complete = true;
            boolean others = othersBinary && reader.forms.isEmpty();
            return OutputSelection.of(reader.forms, others, batched, places);
        } finally {
            if (!complete) {
                places.close();
            }
        }
    }

    private void read(long at) {
        access.array(at, "outputs");
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            locate();
            long next = cursor.position();
            if (forms.size() == MAX_OUTPUTS) {
                throw StatusException.invalidArgument(
                        "request names more than " + MAX_OUTPUTS + " outputs");
            }
            output();
            cursor.seek(next);
        }
    }

    private void output() {
        String output = access.string(name, "name");
        request.addRequestedOutput(output);
        if (shared.present()) {
            openRegion(output);
        }
        int classes = classification == NONE ? 0 : classes();
        boolean binary = binaryData != NONE && access.bool(binaryData, "binary_data");
        forms.put(output, new OutputSelection.Form(binary, classes));
    }

    private int classes() {
        cursor.seek(classification);
        if (!access.atUnsigned()) {
            throw StatusException.invalidArgument(
                    "Unable to set 'classification': " + JsonAccess.notA("unsigned-integer"));
        }
        long classes = cursor.number().longValue();
        return classes < 0 ? Integer.MAX_VALUE : (int) Math.min(classes, Integer.MAX_VALUE);
    }

    private void openRegion(String output) {
        if (classification != NONE) {
            throw StatusException.invalidArgument(
                    "Output can't set both 'shared_memory_region' and 'classification'");
        }
        if (binaryData != NONE && access.bool(binaryData, "binary_data")) {
            throw StatusException.invalidArgument(
                    "Output can't set both 'shared_memory_region' and 'binary_data'");
        }
        places.add(output, shared.open(access, memory));
    }

    private void locate() {
        name = binaryData = classification = NONE;
        shared.clear();
        if (cursor.peek() != '{') {
            cursor.skipValue();
            return;
        }
        boolean parametersSeen = false;
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (!parametersSeen && cursor.nameIs("parameters")) {
                parametersSeen = true;
                locateParameters();
                continue;
            }
            if (name == NONE && cursor.nameIs("name")) {
                name = cursor.position();
            }
            cursor.skipValue();
        }
    }

    private void locateParameters() {
        if (cursor.peek() != '{') {
            cursor.skipValue();
            return;
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (binaryData == NONE && cursor.nameIs("binary_data")) {
                binaryData = cursor.position();
            } else if (classification == NONE && cursor.nameIs("classification")) {
                classification = cursor.position();
            } else {
                shared.note(cursor);
            }
            cursor.skipValue();
        }
    }
}
