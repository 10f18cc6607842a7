package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.server.Admission;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.ControlTasks;
import io.nereid.server.FakeCatalog;
import io.nereid.server.FakeExtensions;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerMetadata;
import io.nereid.server.health.Readiness;
import io.nereid.server.health.StuckInstance;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server with an empty catalogue, for front ends on real sockets. After each test everything is
 * closed and nothing may be left: no tensor block, no network buffer, no admitted byte.
 */
public final class ServerFixture implements BeforeEachCallback, AfterEachCallback {
    /** Most bytes of bodies in flight. */
    public static final long MAX_BYTES = 512L << 20;

    private final AdmissionLimits limits;
    private final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

    /** Instances that hang, as far as readiness knows. */
    public final AtomicReference<List<StuckInstance>> stuck = new AtomicReference<>(List.of());

    private FakeCatalog catalog = new FakeCatalog();
    private Admission admission;
    private InferenceServer server;
    private Optional<Transport> transport = Optional.empty();
    private FakeExtensions extensions = new FakeExtensions();
    private ControlTasks tasks = new ControlTasks();
    private final Supplier<Transport> newTransport;

    /** On the event loops that the server uses on this machine. */
    public ServerFixture() {
        this(AdmissionLimits.ofBytes(MAX_BYTES));
    }

    /** One that takes on no more than this. */
    public ServerFixture(AdmissionLimits limits) {
        this(limits, () -> EventLoops.open(1).transport());
    }

    private ServerFixture(AdmissionLimits limits, Supplier<Transport> newTransport) {
        this.limits = limits;
        this.newTransport = newTransport;
        this.admission = new Admission(limits);
        this.server = newServer();
    }

    /** On the selectors of the JDK, which serve where nothing better is to be had. */
    public static ServerFixture onSelectors() {
        return new ServerFixture(
                AdmissionLimits.ofBytes(MAX_BYTES),
                () ->
                        new Transport(
                                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()),
                                NioServerSocketChannel.class));
    }

    private InferenceServer newServer() {
        extensions = new FakeExtensions();
        tasks = new ControlTasks();
        return new InferenceServer(
                new ServerMetadata("nereid", "2.73.0", List.of("sequence", "parameters")),
                catalog,
                allocator,
                admission,
                new Readiness(true, stuck::get),
                extensions.extensions(),
                tasks);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        allocator.beforeEach(context);
        catalog = new FakeCatalog();
        admission = new Admission(limits);
        server = newServer();
        transport = Optional.of(newTransport.get());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        while (!toClose.isEmpty()) {
            toClose.pop().close();
        }
        transport().eventLoops().shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        tasks.close();
        allocator.afterEach(context);
        assertThat(admission.inFlightBytes()).as("admitted bytes that were not released").isZero();
        assertThat(admission.inFlightRequests()).as("requests that never ended").isZero();
        assertThat(extensions.memory.openWindows()).as("open windows of shared memory").isZero();
        assertThat(catalog.leases()).as("leases of models that were not ended").isZero();
        LeakPresenceDetector.check();
    }

    public FakeExtensions extensions() {
        return extensions;
    }

    public FakeCatalog catalog() {
        return catalog;
    }

    public Admission admission() {
        return admission;
    }

    public InferenceServer server() {
        return server;
    }

    public Transport transport() {
        return transport.orElseThrow();
    }

    public LeakCheckedAllocator allocator() {
        return allocator;
    }

    /** Closes {@code resource} after the test; the last one first. */
    public <T extends AutoCloseable> T closeLater(T resource) {
        toClose.push(resource);
        return resource;
    }

    /** A client of that port. */
    public RawClient client(int port) throws IOException {
        return closeLater(new RawClient(port));
    }
}
