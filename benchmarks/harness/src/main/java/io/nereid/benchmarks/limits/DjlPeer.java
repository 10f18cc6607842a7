package io.nereid.benchmarks.limits;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.nereid.benchmarks.models.Input;
import io.nereid.benchmarks.models.Requests;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The Java peer: the Deep Java Library behind Netty's HTTP codec and aggregator, with two worker
 * threads that have a {@code Predictor} each, as DJL Serving is built. Body and answer are the bare
 * values of inputs and outputs, so that nothing is parsed.
 */
public final class DjlPeer {
    private static final int WORKERS = 2;
    private static final int LARGEST_BODY = 64 << 20;

    private DjlPeer() {}

    /**
     * Serves until it is ended.
     *
     * @param arguments port, model repository; then the requests that are served, each at the path
     *     of its model
     */
    public static void main(String[] arguments)
            throws IOException,
                    ModelNotFoundException,
                    MalformedModelException,
                    InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        Map<String, Served> models = new HashMap<>();
        for (String name : List.of(arguments).subList(2, arguments.length)) {
            Requests request = Requests.valueOf(name);
            models.put("/" + request.model(), Served.load(Path.of(arguments[1]), request));
        }
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(WORKERS, EpollIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childHandler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel channel) {
                                channel.pipeline()
                                        .addLast(
                                                new HttpServerCodec(),
                                                new HttpObjectAggregator(LARGEST_BODY),
                                                new Answering(models, workers));
                            }
                        })
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    /** A model with a predictor for each worker, and the inputs that a body is made of. */
    private record Served(BlockingQueue<Predictor<NDList, NDList>> free, List<Input> inputs) {
        static Served load(Path repository, Requests request)
                throws IOException, ModelNotFoundException, MalformedModelException {
            ZooModel<NDList, NDList> model =
                    Criteria.builder()
                            .setTypes(NDList.class, NDList.class)
                            .optEngine("OnnxRuntime")
                            .optModelPath(repository.resolve(request.model(), "1", "model.onnx"))
                            .optOption("intraOpNumThreads", "1")
                            .optOption("interOpNumThreads", "1")
                            .optTranslator(new NoopTranslator())
                            .build()
                            .loadModel();
            BlockingQueue<Predictor<NDList, NDList>> free = new ArrayBlockingQueue<>(WORKERS);
            for (int i = 0; i < WORKERS; i++) {
                free.add(model.newPredictor());
            }
            return new Served(free, request.inputs());
        }

        ByteBuf answer(ByteBuf body) throws InterruptedException, TranslateException {
            Predictor<NDList, NDList> predictor = free.take();
            try (NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
                NDList arrays = new NDList();
                for (Input input : inputs) {
                    ByteBuffer values =
                            ByteBuffer.allocateDirect(input.values().size())
                                    .order(ByteOrder.nativeOrder());
                    body.readBytes(values);
                    arrays.add(
                            manager.create(
                                    values.flip(),
                                    new Shape(input.shape().toArray()),
                                    DataType.FLOAT32));
                }
                List<ByteBuf> outputs = new ArrayList<>();
                for (NDArray output : predictor.predict(arrays)) {
                    outputs.add(Unpooled.copiedBuffer(output.toByteBuffer()));
                    output.close();
                }
                return Unpooled.wrappedBuffer(outputs.toArray(ByteBuf[]::new));
            } finally {
                free.add(predictor);
            }
        }
    }

    /** Hands bodies to the workers. */
    private static final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Map<String, Served> models;
        private final ExecutorService workers;

        Answering(Map<String, Served> models, ExecutorService workers) {
            this.models = models;
            this.workers = workers;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            Optional<Served> model = Optional.ofNullable(models.get(request.uri()));
            ByteBuf body = request.content().retain();
            workers.execute(() -> {
                var _ = context.writeAndFlush(answer(model, body));
            });
        }

        private static DefaultFullHttpResponse answer(Optional<Served> model, ByteBuf body) {
            HttpResponseStatus status = HttpResponseStatus.OK;
            ByteBuf content;
            try {
                content = model.orElseThrow().answer(body);
            } catch (InterruptedException | TranslateException | RuntimeException e) {
                // The load generator counts it and the run ends; the peer's log says why.
                e.printStackTrace();
                status = HttpResponseStatus.INTERNAL_SERVER_ERROR;
                content = Unpooled.EMPTY_BUFFER;
            } finally {
                body.release();
            }
            DefaultFullHttpResponse response =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
            return response;
        }
    }
}
