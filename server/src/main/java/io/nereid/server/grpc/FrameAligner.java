package io.nereid.server.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Makes a DATA frame of HTTP/2 that comes in pieces a frame for each piece, so that the decoder
 * does not have to join them: where DATA frames end says nothing (RFC 9113 section 6.1). All other
 * frames, and DATA with padding, stay as they are; of what was received, they are cut off if the
 * decoder has their beginning, so that it joins no more than that.
 *
 * <p>Nothing is judged here. What is no HTTP/2 is cut anywhere, and the decoder refuses it.
 */
final class FrameAligner extends ChannelInboundHandlerAdapter {
    /** What a client sends before its first frame (RFC 9113 section 3.4). */
    private static final int PREFACE = 24;

    /** Bytes of a frame's head: three of length, the type, the flags, four of the stream. */
    private static final int HEAD = 9;

    private static final int TYPE = 3;
    private static final int FLAGS = 4;
    private static final int STREAM = 5;
    private static final int END_STREAM = 1;
    private static final int PADDED = 8;

    private final ChannelHandler next;

    /** Bytes to come of the preface, or of a frame whose head is there. */
    private int missing = PREFACE;

    /** Whether those are of DATA, of which every piece gets a head of its own. */
    private boolean pieces;

    private int flags;
    private int stream;

    /** Head of the next frame, of which so many bytes are there. */
    private final byte[] head = new byte[HEAD];

    private int headFilled;

    /**
     * @param next is given the frames
     */
    FrameAligner(ChannelHandler next) {
        this.next = next;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addAfter(ctx.name(), null, next);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf received)) {
            ctx.fireChannelRead(message);
            return;
        }
        goOn(ctx, received);
        if (headFilled > 0) {
            completeHead(ctx, received);
        }
        int end = headFilled > 0 ? received.readerIndex() : endOfFrames(received);
        if (end > received.readerIndex()) {
            ctx.fireChannelRead(received.writerIndex(end));
        } else {
            received.release();
        }
    }

    /** Hands on the next bytes of the frame that has begun. */
    private void goOn(ChannelHandlerContext ctx, ByteBuf received) {
        int count = Math.min(missing, received.readableBytes());
        if (count > 0) {
            missing -= count;
            if (pieces) {
                fireHead(ctx, count);
            }
            ctx.fireChannelRead(received.readRetainedSlice(count));
        }
    }

    /** Hands on the head that has begun, if it is whole now, and the frame's next bytes. */
    private void completeHead(ChannelHandlerContext ctx, ByteBuf received) {
        int count = Math.min(HEAD - headFilled, received.readableBytes());
        received.readBytes(head, headFilled, count);
        headFilled += count;
        if (headFilled == HEAD) {
            headFilled = 0;
            ByteBuf whole = ctx.alloc().directBuffer(HEAD).writeBytes(head);
            begin(whole, 0);
            if (pieces) {
                whole.release();
            } else {
                ctx.fireChannelRead(whole);
            }
            goOn(ctx, received);
        }
    }

    /** The frame begins whose head is there. */
    private void begin(ByteBuf bytes, int at) {
        missing = bytes.getUnsignedMedium(at);
        flags = bytes.getUnsignedByte(at + FLAGS);
        stream = bytes.getInt(at + STREAM);
        pieces =
                bytes.getByte(at + TYPE) == Http2FrameTypes.DATA
                        && (flags & PADDED) == 0
                        && missing > 0;
    }

    /** A head for the next piece of DATA. */
    private void fireHead(ChannelHandlerContext ctx, int count) {
        ByteBuf ofPiece = ctx.alloc().directBuffer(HEAD).writerIndex(HEAD);
        ofPiece.setByte(TYPE, Http2FrameTypes.DATA).setInt(STREAM, stream);
        limit(ofPiece, 0, count);
        ctx.fireChannelRead(ofPiece);
    }

    /** Has a head say that so many bytes follow, and that the stream ends with the last piece. */
    private void limit(ByteBuf bytes, int at, int count) {
        bytes.setMedium(at, count);
        bytes.setByte(at + FLAGS, missing > 0 ? flags & ~END_STREAM : flags);
    }

    /**
     * Where the bytes end that can be handed on: all, but for a head that is not whole, or behind
     * which there is no byte of DATA.
     */
    private int endOfFrames(ByteBuf received) {
        int end = received.writerIndex();
        int at = received.readerIndex();
        while (missing == 0 && end - at >= HEAD) {
            begin(received, at);
            int count = Math.min(missing, end - at - HEAD);
            missing -= count;
            if (pieces && count == 0) {
                return at;
            }
            if (missing > 0 && pieces) {
                limit(received, at, count);
            }
            at += HEAD + count;
        }
        if (missing == 0) {
            received.getBytes(at, head, 0, end - at);
            headFilled = end - at;
            return at;
        }
        return end;
    }
}
