package io.nereid.load.client.http;

import io.nereid.load.client.Lane;
import io.nereid.load.client.ReplyListener;
import io.nereid.load.client.SequenceStep;
import io.nereid.load.client.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection that carries one request at a time, and is opened again when it breaks. Confined to
 * its loop.
 */
final class HttpLane implements Lane {
    /** Requests that a socket's buffer may not take at once. */
    private static final int LARGE = 64 * 1024;

    /** What the native transport puts in front of the operating system's words. */
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ");

    private final Bootstrap bootstrap;
    private final List<EncodedRequest> requests;
    private @Nullable Channel channel;
    private @Nullable ReplyListener listener;
    private long sentNanos;
    private long firstNanos;
    private boolean closed;

    HttpLane(Bootstrap bootstrap, List<EncodedRequest> requests) {
        this.bootstrap = bootstrap;
        this.requests = requests;
    }

    /** Connects for the first time. */
    void open(Transport.Opening opening) {
        connect(future -> {
            if (future.isSuccess()) {
                opening.opened(this);
            } else {
                opening.refused(reason(future));
            }
        });
    }

    @Override
    public void send(int request, Optional<SequenceStep> step, ReplyListener replyListener) {
        listener = replyListener;
        firstNanos = 0;
        Channel open = channel;
        if (open != null && open.isActive()) {
            write(open, requests.get(request), step);
            return;
        }
        connect(future -> {
            if (future.isSuccess()) {
                write(future.channel(), requests.get(request), step);
            } else {
                fail(reason(future), false);
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        listener = null;
        if (channel != null) {
            var _ = channel.close();
        }
    }

    private void connect(Consumer<ChannelFuture> connected) {
        bootstrap
                .clone()
                .handler(new Answers())
                .connect()
                .addListener((ChannelFuture future) -> {
                    if (closed) {
                        var _ = future.channel().close();
                        return;
                    }
                    channel = future.channel();
                    connected.accept(future);
                });
    }

    private void write(Channel open, EncodedRequest request, Optional<SequenceStep> step) {
        ChannelPromise promise = open.voidPromise();
        if (request.byteSize() > LARGE) {
            promise = open.newPromise();
            promise.addListener(_ -> sentNanos = System.nanoTime());
        }
        if (step.isPresent()) {
            var _ = open.write(request.start(step.get()), open.voidPromise());
            var _ = open.writeAndFlush(request.rest(), promise);
        } else {
            var _ = open.writeAndFlush(request.whole(), promise);
        }
        sentNanos = System.nanoTime();
    }

    private void succeed() {
        ReplyListener waiting = listener;
        if (waiting != null) {
            listener = null;
            // An answer may come while the last of a large request is still being sent.
            waiting.succeeded(Math.min(sentNanos, firstNanos), firstNanos, System.nanoTime(), 1);
        }
    }

    private void fail(String reason, boolean answered) {
        ReplyListener waiting = listener;
        if (waiting != null) {
            listener = null;
            waiting.failed(reason, answered);
        }
    }

    private static String reason(ChannelFuture failed) {
        Throwable cause = failed.cause();
        return cause == null ? "cannot connect" : words(cause);
    }

    private static String words(Throwable failure) {
        return SYSTEM_CALL.matcher(String.valueOf(failure.getMessage())).replaceFirst("");
    }

    /** What comes back on one connection. */
    private final class Answers extends ChannelInboundHandlerAdapter {
        private final ResponseReader reader = new ResponseReader();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (firstNanos == 0) {
                firstNanos = System.nanoTime();
            }
            ByteBuf bytes = (ByteBuf) message;
            boolean complete;
            try {
                complete = reader.read(bytes);
            } catch (IllegalArgumentException e) {
                var _ = ctx.close();
                fail(String.valueOf(e.getMessage()), false);
                return;
            } finally {
                bytes.release();
            }
            if (complete) {
                complete(ctx);
            }
        }

        private void complete(ChannelHandlerContext ctx) {
            if (reader.closes()) {
                channel = null;
                var _ = ctx.close();
            }
            if (reader.succeeded()) {
                succeed();
            } else {
                fail(reader.describe(), true);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (ctx.channel().equals(channel)) {
                fail("the connection was closed by the server", false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (ctx.channel().equals(channel)) {
                fail(words(cause), false);
            }
            var _ = ctx.close();
        }
    }
}
