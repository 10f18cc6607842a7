package io.nereid.server.grpc;

import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.TensorAllocator;
import io.nereid.server.Admission;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.ControlTasks;
import io.nereid.server.FakeCatalog;
import io.nereid.server.FakeExtensions;
import io.nereid.server.FakeModel;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerMetadata;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.health.Readiness;
import io.nereid.server.health.StuckInstance;
import io.nereid.server.netty.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/** A front end on a free port, models that a test adds, and a client. */
final class RunningFrontend {
    static final long MAX_BYTES_IN_FLIGHT = 64 << 20;

    final FakeCatalog catalog = new FakeCatalog();
    final Admission admission;

    /** Instances that hang, as far as readiness knows. */
    final AtomicReference<List<StuckInstance>> stuck = new AtomicReference<>(List.of());

    final FakeExtensions extensions = new FakeExtensions();
    final InferenceServer server;
    private final ControlTasks tasks = new ControlTasks();
    final GrpcFrontend frontend;
    final ManagedChannel channel;
    private final List<ManagedChannel> otherChannels = new ArrayList<>();

    /** Threads of the models' instances. */
    final ExecutorService instance = Executors.newFixedThreadPool(2);

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    /** The clients' own, whose end is the end of all their buffers. */
    private final EventLoopGroup clients =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** The front end's options, but for the port. */
    private final ServerOptions.Grpc options;

    /** The port to connect to. */
    final int port;

    RunningFrontend(TensorAllocator allocator) {
        this(allocator, TestOptions.grpc(0));
    }

    RunningFrontend(TensorAllocator allocator, ServerOptions.Grpc options) {
        this(allocator, options, AdmissionLimits.ofBytes(MAX_BYTES_IN_FLIGHT));
    }

    RunningFrontend(TensorAllocator allocator, ServerOptions.Grpc options, AdmissionLimits limits) {
        this.options = options;
        this.admission = new Admission(limits);
        server =
                new InferenceServer(
                        new ServerMetadata("nereid", "2.73.0", List.of("classification")),
                        catalog,
                        allocator,
                        admission,
                        new Readiness(true, stuck::get),
                        extensions.extensions(),
                        tasks);
        server.initialized();
        frontend = another(0);
        frontend.start();
        port = frontend.port();
        channel = connect();
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .eventLoopGroup(clients)
                .channelType(NioSocketChannel.class)
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .compressorRegistry(compressors())
                .build();
    }

    /** One more connection, which is closed with the front end. */
    ManagedChannel anotherChannel() {
        ManagedChannel another = connect();
        otherChannels.add(another);
        return another;
    }

    private static CompressorRegistry compressors() {
        CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
        compressors.register(new Codec.Gzip());
        compressors.register(Codec.Identity.NONE);
        compressors.register(new Deflating());
        return compressors;
    }

    /** One more front end of the same server, not started. */
    GrpcFrontend another(int port) {
        return new GrpcFrontend(
                server,
                TestOptions.grpc(
                        port,
                        options.restricted(),
                        options.forwarding(),
                        options.compression(),
                        options.maxResponsePoolSize()),
                new Transport(loops, NioServerSocketChannel.class));
    }

    void addModel(ModelConfig config, BiConsumer<InferenceRequest, ResponseSender> behaviour) {
        catalog.add(new FakeModel(config, 1, behaviour));
    }

    /** A model that answers with its input, on an instance's thread. */
    void addIdentity(ModelConfig config) {
        addModel(
                config,
                (request, sender) ->
                        instance.execute(() -> sender.send(FakeModel.echoOf(request, 1), true)));
    }

    /** Ends client, front end and threads, in this order, and checks that no bytes are held. */
    void stop() throws InterruptedException {
        otherChannels.forEach(ManagedChannel::shutdownNow);
        channel.shutdownNow();
        tasks.close();
        if (!channel.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the client did not end");
        }
        clients.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        frontend.shutdown(Duration.ofSeconds(30));
        instance.close();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        if (extensions.memory.openWindows() != 0) {
            throw new AssertionError("windows of shared memory left open");
        }
        if (admission.inFlightBytes() != 0
                || admission.inFlightRequests() != 0
                || server.inFlight() != 0
                || frontend.waitingBytes() != 0) {
            throw new AssertionError(
                    server.inFlight()
                            + " requests, "
                            + admission.inFlightBytes()
                            + " bytes of them and "
                            + frontend.waitingBytes()
                            + " bytes of replies left");
        }
    }
}
