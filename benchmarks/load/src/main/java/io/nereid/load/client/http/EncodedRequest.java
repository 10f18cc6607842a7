package io.nereid.load.client.http;

import io.nereid.load.client.SequenceStep;
import io.nereid.protocol.Owned;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * A request as it goes over the wire, encoded once. For a sequence only what changes is written
 * anew: the head and the parameters, which come first in the JSON text. May be used from any
 * thread; whoever made it closes it when nobody sends any more.
 */
final class EncodedRequest implements AutoCloseable {
    private static final String LENGTH_HEADER = "Inference-Header-Content-Length: ";

    private final String headStart;
    private final String parameters;
    private final boolean binaryInputs;
    private final int jsonLength;
    private final ByteBuf rest;
    private final ByteBuf whole;

    /**
     * Encodes a request.
     *
     * @param headStart request line and headers that do not change, each with its line's end
     * @param parameters members of the JSON object {@code parameters}, may be empty
     * @param json the rest of the JSON text, from the first member on, with its closing brace
     * @param binary what follows the JSON text
     * @param binaryInputs whether the server must be told where the JSON text ends
     */
    EncodedRequest(
            String headStart, String parameters, String json, byte[] binary, boolean binaryInputs) {
        this.headStart = headStart;
        this.parameters = parameters;
        this.binaryInputs = binaryInputs;
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        this.jsonLength = text.length;
        this.rest = Unpooled.directBuffer(text.length + binary.length);
        rest.writeBytes(text).writeBytes(binary);
        byte[] start = start(parameters);
        this.whole = Unpooled.directBuffer(start.length + rest.readableBytes());
        whole.writeBytes(start).writeBytes(rest, 0, rest.readableBytes());
    }

    /** The request outside any sequence. */
    @Owned
    ByteBuf whole() {
        return whole.retainedDuplicate();
    }

    /** What comes before {@link #rest} for a request of a sequence. */
    @Owned
    ByteBuf start(SequenceStep step) {
        String members =
                "\"sequence_id\":"
                        + step.id()
                        + ",\"sequence_start\":"
                        + step.start()
                        + ",\"sequence_end\":"
                        + step.end()
                        + (parameters.isEmpty() ? "" : "," + parameters);
        return Unpooled.wrappedBuffer(start(members));
    }

    /** What is the same for every request of a sequence. */
    @Owned
    ByteBuf rest() {
        return rest.retainedDuplicate();
    }

    /** Bytes of the request, about. */
    int byteSize() {
        return whole.readableBytes();
    }

    private byte[] start(String members) {
        String jsonStart = members.isEmpty() ? "{" : "{\"parameters\":{" + members + "},";
        int json = jsonStart.length() + jsonLength;
        StringBuilder head = new StringBuilder(headStart);
        if (binaryInputs) {
            head.append(LENGTH_HEADER).append(json).append("\r\n");
        }
        head.append("Content-Length: ")
                .append(jsonStart.length() + rest.readableBytes())
                .append("\r\n\r\n")
                .append(jsonStart);
        return head.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        rest.release();
        whole.release();
    }
}
