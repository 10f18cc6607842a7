package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
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
    private final Map<String, OutputSelection.Form> forms = new HashMap<>();

    private long name;
    private long binaryData;
    private long classification;
    private long region;

    OutputReader(JsonCursor cursor, JsonAccess access, InferenceRequest request) {
        this.cursor = cursor;
        this.access = access;
        this.request = request;
    }

    /** Forms of the outputs read. */
    Map<String, OutputSelection.Form> forms() {
        return forms;
    }

    /**
     * Reads the value at that place: the names into the request, the rest into {@link #forms}.
     *
     * @throws StatusException INVALID_ARG with the texts of section 11.6; UNSUPPORTED for shared
     *     memory
     */
    void read(long at) {
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
        if (region != NONE) {
            refuseRegion();
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

    private void refuseRegion() {
        if (classification != NONE) {
            throw StatusException.invalidArgument(
                    "Output can't set both 'shared_memory_region' and 'classification'");
        }
        if (binaryData != NONE && access.bool(binaryData, "binary_data")) {
            throw StatusException.invalidArgument(
                    "Output can't set both 'shared_memory_region' and 'binary_data'");
        }
        throw SharedMemory.unsupported(access.string(region, SharedMemory.REGION));
    }

    private void locate() {
        name = binaryData = classification = region = NONE;
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
            } else if (region == NONE && cursor.nameIs(SharedMemory.REGION)) {
                region = cursor.position();
            }
            cursor.skipValue();
        }
    }
}
