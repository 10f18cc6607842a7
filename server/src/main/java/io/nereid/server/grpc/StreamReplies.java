package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.nereid.protocol.Owned;
import io.nereid.protocol.grpc.ModelStreamReply;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Replies of a stream that wait to be written (gRPC protocol section 13): those that must keep the
 * order of their requests wait in a slot for the ones before, then all wait until the client has
 * read what was written. Used on the stream's event loop only.
 */
final class StreamReplies {
    /** The place of a reply among those that keep the order of their requests. */
    static final class Slot {
        private Optional<Waiting> reply = Optional.empty();
    }

    private record Waiting(ModelStreamReply reply, long heldBytes) {}

    private final ServerCall<?, ModelStreamReply> call;
    private final ReplyRoom.Share room;
    private final Deque<Slot> slots = new ArrayDeque<>();
    private final Deque<Waiting> outgoing = new ArrayDeque<>();
    private boolean headersSent;

    StreamReplies(ServerCall<?, ModelStreamReply> call, ReplyRoom.Share room) {
        this.call = call;
        this.room = room;
    }

    /** Opens the place after all that were opened before. */
    Slot openSlot() {
        Slot slot = new Slot();
        slots.add(slot);
        return slot;
    }

    /**
     * Adds a reply.
     *
     * @param slot its place; empty if it keeps no order
     * @param heldBytes taken from the stream's room for it
     */
    void add(Optional<Slot> slot, @Owned ModelStreamReply reply, long heldBytes) {
        Waiting waiting = new Waiting(reply, heldBytes);
        if (slot.isEmpty()) {
            outgoing.add(waiting);
            return;
        }
        slot.get().reply = Optional.of(waiting);
        while (!slots.isEmpty() && slots.getFirst().reply.isPresent()) {
            outgoing.add(slots.removeFirst().reply.get());
        }
    }

    /** Writes what the client has room for. */
    void write() {
        while (!outgoing.isEmpty() && call.isReady()) {
            Waiting next = outgoing.removeFirst();
            try (ModelStreamReply reply = next.reply()) {
                if (!headersSent) {
                    headersSent = true;
                    call.sendHeaders(new Metadata());
                }
                call.sendMessage(reply);
            } finally {
                room.give(next.heldBytes());
            }
        }
    }

    /** Replies that only wait for the client to read. */
    int outgoing() {
        return outgoing.size();
    }

    /** Drops the replies that still wait for their turn. */
    void discardSlots() {
        slots.forEach(slot -> slot.reply.ifPresent(this::discard));
        slots.clear();
    }

    /** Drops all replies. */
    void discard() {
        discardSlots();
        outgoing.forEach(this::discard);
        outgoing.clear();
    }

    private void discard(Waiting waiting) {
        waiting.reply().close();
        room.give(waiting.heldBytes());
    }
}
