package io.nereid.protocol.http;

import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorBuffer;
import java.util.List;

/**
 * The body of an answer: the JSON part, then binary tensors in output order. Owns its buffers; used
 * by one thread at a time.
 */
public final class EncodedResponse implements AutoCloseable {
    private final TensorBuffer json;
    private final List<TensorBuffer> binary;
    private boolean closed;

    EncodedResponse(@Owned TensorBuffer json, @Owned List<TensorBuffer> binary) {
        this.json = json;
        this.binary = List.copyOf(binary);
    }

    /** The JSON part, borrowed. */
    public TensorBuffer json() {
        return json;
    }

    /** Bytes of the binary outputs in output order, borrowed; empty ones are among them. */
    public List<TensorBuffer> binary() {
        return binary;
    }

    /**
     * Whether there is a binary output of more than 0 bytes. Only then the answer is {@code
     * application/octet-stream} and says the length of its JSON part (HTTP protocol section 13).
     */
    public boolean isBinary() {
        return contentLength() > json.byteSize();
    }

    /** Length of the whole body in bytes. */
    public long contentLength() {
        long length = json.byteSize();
        for (TensorBuffer part : binary) {
            length += part.byteSize();
        }
        return length;
    }

    /** Gives all parts back. */
    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException("encoded response closed twice");
        }
        closed = true;
        json.close();
        binary.forEach(TensorBuffer::close);
    }
}
