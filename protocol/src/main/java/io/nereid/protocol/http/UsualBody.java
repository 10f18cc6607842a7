package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;

/**
 * One body with a JSON part, read in one pass in the order of its text, as nearly all can be. It
 * gives up where another look would be needed: at a member that stands twice, at data before its
 * shape, at inputs that are in shared memory or unknown to the model, and at every error, since
 * which one is told does not follow the order of the text. {@link InferBody} then begins anew; what
 * is accepted here, it would accept with the same result.
 */
final class UsualBody implements AutoCloseable {
    private static final int ID = 1;
    private static final int PARAMETERS = 2;
    private static final int INPUTS = 4;
    private static final int OUTPUTS = 8;

    private final ModelConfig config;
    private final TensorBuffer body;
    private final SharedMemory memory;
    private final InferenceRequest request;
    private final JsonCursor cursor;
    private final JsonAccess access;
    private final UsualInputs inputs;

    private int seen;
    private boolean othersBinary;
    private long outputs = InputMembers.NONE;

    /**
     * @param body borrowed
     * @param jsonLength within the body
     * @param request empty; borrowed
     */
    UsualBody(
            ModelConfig config,
            TensorBuffer body,
            long jsonLength,
            TensorAllocator allocator,
            long maxInputSize,
            SharedMemory memory,
            InferenceRequest request) {
        this.config = config;
        this.body = body;
        this.memory = memory;
        this.request = request;
        this.cursor = new JsonCursor(body.segment().asSlice(0, jsonLength));
        this.access = new JsonAccess(cursor);
        this.inputs =
                new UsualInputs(cursor, access, config, body, allocator, maxInputSize, request);
    }

    /**
     * Reads everything but the outputs into the request; false if the body has to be read the
     * careful way.
     *
     * @throws StatusException if it has to be, too
     */
    boolean read() {
        cursor.start();
        if (cursor.peek() != '{') {
            return false;
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            if (!member()) {
                return false;
            }
        }
        cursor.end();
        return (seen & INPUTS) != 0 && inputs.end() == body.byteSize();
    }

    /**
     * Reads the outputs, after everything else has been. Their errors are told last anyway.
     *
     * @throws StatusException with the text for the client
     */
    @Owned
    OutputSelection selection() {
        return OutputReader.read(
                cursor, access, request, memory, outputs, othersBinary, config.batches());
    }

    private boolean member() {
        if (cursor.nameIs("inputs")) {
            return isFirst(INPUTS) && inputs.read();
        }
        if (cursor.nameIs("outputs")) {
            return isFirst(OUTPUTS) && outputs();
        }
        if (cursor.nameIs("parameters")) {
            return isFirst(PARAMETERS) && parameters();
        }
        if (cursor.nameIs("id")) {
            return isFirst(ID) && id();
        }
        cursor.skipValue();
        return true;
    }

    private boolean isFirst(int member) {
        boolean first = (seen & member) == 0;
        seen |= member;
        return first;
    }

    private boolean id() {
        request.setId(InferBody.upToNul(access.string(cursor.position(), "id")));
        return true;
    }

    private boolean parameters() {
        ParameterReader reader = new ParameterReader(cursor, access, request);
        reader.read(cursor.position());
        othersBinary = reader.binaryOutputs();
        return true;
    }

    private boolean outputs() {
        outputs = cursor.position();
        cursor.skipValue();
        return true;
    }

    /** Gives back what did not become part of the request. */
    @Override
    public void close() {
        inputs.close();
    }
}
