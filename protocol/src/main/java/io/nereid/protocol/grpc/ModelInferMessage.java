package io.nereid.protocol.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A {@code ModelInferRequest} in one native block: everything but {@code raw_input_contents} as the
 * generated message, the raw contents as parts of the block. Owns the block. Used by one thread at
 * a time.
 *
 * <p>Raw contents are kept as offset and length in one long each, since a message has less than
 * 2^31 bytes and a hostile one can hold an entry in every second of them.
 */
public final class ModelInferMessage implements Received, AutoCloseable {
    private final ModelInferRequest header;
    private final TensorBuffer block;
    private final long[] rawContents;
    private boolean closed;

    private ModelInferMessage(
            ModelInferRequest header, @Owned TensorBuffer block, long[] rawContents) {
        this.header = header;
        this.block = block;
        this.rawContents = rawContents;
    }

    /**
     * Takes a serialised message apart.
     *
     * @throws StatusException INVALID_ARG if the bytes are no such message
     */
    static @Owned ModelInferMessage parse(@Owned TensorBuffer block) {
        boolean complete = false;
        try {
            Parts parts = new Parts(block.segment());
            parts.split();
            ModelInferMessage message =
                    new ModelInferMessage(parts.header(), block, parts.rawContents());
            complete = true;
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG,
                    "failed to parse ModelInferRequest: " + e.getMessage(),
                    e);
        } finally {
            if (!complete) {
                block.close();
            }
        }
    }

    /** Everything but the raw contents; its {@code raw_input_contents} are empty. */
    public ModelInferRequest header() {
        return header;
    }

    /** Number of entries in {@code raw_input_contents}. */
    public int rawContentsCount() {
        return rawContents.length;
    }

    /** Entry {@code index} of {@code raw_input_contents}: a part of the block, without a copy. */
    public @Owned TensorBuffer rawContents(int index) {
        return block.slice(rawContents[index] >>> 32, rawContents[index] & 0xffff_ffffL);
    }

    /** Gives the block back; tensors made of it live on. */
    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException("infer message closed twice");
        }
        closed = true;
        block.close();
    }

    /** Sorts the fields of a message into raw contents and the rest. */
    private static final class Parts {
        private static final int RAW_CONTENTS_TAG =
                ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER << 3
                        | WireFormat.WIRETYPE_LENGTH_DELIMITED;

        private final MemorySegment bytes;
        private byte[] header = new byte[0];
        private int headerSize;
        private long[] rawContents = new long[4];
        private int rawCount;

        Parts(MemorySegment bytes) {
            this.bytes = bytes;
        }

        void split() throws InvalidProtocolBufferException {
            WireReader reader = new WireReader(bytes);
            long headerStart = 0;
            while (reader.hasMore()) {
                long start = reader.position();
                int tag = reader.readTag();
                if (tag == RAW_CONTENTS_TAG) {
                    keepHeader(headerStart, start);
                    long length = reader.readLength();
                    keepRaw(reader.position(), length);
                    reader.advance(length);
                    headerStart = reader.position();
                } else {
                    reader.skipValue(tag);
                }
            }
            keepHeader(headerStart, bytes.byteSize());
        }

        /** The first part, mostly the only one, gets an array of just its size. */
        private void keepHeader(long start, long end) {
            int size = (int) (end - start);
            if (size > header.length - headerSize) {
                header = Arrays.copyOf(header, Math.max(headerSize + size, 2 * headerSize));
            }
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, start, header, headerSize, size);
            headerSize += size;
        }

        private void keepRaw(long offset, long length) {
            if (rawCount == rawContents.length) {
                rawContents = Arrays.copyOf(rawContents, 2 * rawCount);
            }
            rawContents[rawCount++] = offset << 32 | length;
        }

        ModelInferRequest header() throws InvalidProtocolBufferException {
            return ModelInferRequest.parser().parseFrom(header, 0, headerSize);
        }

        long[] rawContents() {
            return Arrays.copyOf(rawContents, rawCount);
        }
    }
}
