package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;

/**
 * One body with a JSON part, read in two steps. First the whole text is gone through once: it is
 * checked, the members that matter are found, and numeric data is read where that is possible. Then
 * the members are read in the order in which their errors are told (HTTP protocol section 11.1 step
 * 10): id, parameters, inputs, what is left of the binary data, outputs.
 */
final class InferBody {
    private static final long NONE = InputMembers.NONE;

    private final ModelConfig config;
    private final TensorBuffer body;
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final SharedMemory memory;
    private final JsonCursor cursor;
    private final JsonAccess access;
    private final InputMembers members = new InputMembers();

    private long id = NONE;
    private long parameters = NONE;
    private long inputs = NONE;
    private long outputs = NONE;

    /**
     * @param body borrowed
     * @param jsonLength within the body
     */
    InferBody(
            ModelConfig config,
            TensorBuffer body,
            long jsonLength,
            TensorAllocator allocator,
            long maxInputSize,
            SharedMemory memory) {
        this.config = config;
        this.body = body;
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.memory = memory;
        this.cursor = new JsonCursor(body.segment().asSlice(0, jsonLength));
        this.access = new JsonAccess(cursor);
    }

    /**
     * Reads the body into the request.
     *
     * @param request empty; borrowed
     * @throws StatusException with the text for the client
     */
    @Owned
    OutputSelection read(InferenceRequest request) {
        int known = config.inputs().size();
        try (EarlyData early = new EarlyData(cursor, access, allocator, maxInputSize, known)) {
            check(early);
            if (id != NONE) {
                request.setId(upToNul(access.string(id, "id")));
            }
            ParameterReader parameterReader = new ParameterReader(cursor, access, request);
            if (parameters != NONE) {
                parameterReader.read(parameters);
            }
            inputReader(early, request).read(inputs);
            return OutputReader.read(
                    cursor,
                    access,
                    request,
                    memory,
                    outputs,
                    parameterReader.binaryOutputs(),
                    config.batches());
        }
    }

    private void check(EarlyData early) {
        cursor.start();
        if (cursor.peek() == '{') {
            for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
                member(early);
            }
        } else {
            cursor.skipValue();
        }
        cursor.end();
    }

    private void member(EarlyData early) {
        if (inputs == NONE && cursor.nameIs("inputs")) {
            inputs = cursor.position();
            checkInputs(early);
            return;
        }
        if (id == NONE && cursor.nameIs("id")) {
            id = cursor.position();
        } else if (parameters == NONE && cursor.nameIs("parameters")) {
            parameters = cursor.position();
        } else if (outputs == NONE && cursor.nameIs("outputs")) {
            outputs = cursor.position();
        }
        cursor.skipValue();
    }

    private void checkInputs(EarlyData early) {
        if (cursor.peek() != '[') {
            cursor.skipValue();
            return;
        }
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            members.locate(cursor, early::readOrSkip);
        }
    }

    private InputReader inputReader(EarlyData early, InferenceRequest request) {
        return new InputReader(
                cursor, access, early, config, body, allocator, maxInputSize, memory, request);
    }

    /** What the reference makes of an id. */
    static String upToNul(String id) {
        int nul = id.indexOf('\0');
        return nul < 0 ? id : id.substring(0, nul);
    }
}
