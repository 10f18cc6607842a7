package io.nereid.server.metrics;

import io.nereid.backend.cache.CacheFigures;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerOptions;
import io.nereid.server.netty.EventLoops;
import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.statistics.OpenVersions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics port, with one event loop of its own (metrics section 1). Methods may be called from
 * any thread except that event loop.
 */
public final class MetricsFrontend implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetricsFrontend.class);

    private static final Path PROC = Path.of("/proc");

    private final EventLoops loops;
    private final HttpListener listener;
    private final Optional<HostUsage> host;

    private MetricsFrontend(EventLoops loops, HttpListener listener, Optional<HostUsage> host) {
        this.loops = loops;
        this.listener = listener;
        this.host = host;
    }

    /**
     * Opens the port, and says which settings have no effect.
     *
     * @param versions those that are counted
     * @param cache reads what a response cache tells of itself; empty if there is nothing
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had
     */
    public static MetricsFrontend start(
            InferenceServer server,
            ServerOptions.Metrics options,
            OpenVersions versions,
            Supplier<Optional<CacheFigures>> cache) {
        options.unsupported()
                .forEach(setting ->
                        log.warn("--metrics-config {} has no effect in this server", setting));
        Optional<HostUsage> host =
                options.cpu() ? Optional.of(new HostUsage(PROC)) : Optional.empty();
        MetricsPage page =
                new MetricsPage(
                        new ModelFamilies(versions, options.counterLatencies()), host, cache);
        EventLoops loops = EventLoops.open(1);
        boolean opened = false;
        try {
            HttpListener listener =
                    HttpListener.open(
                            new ListenAddress(options.address(), options.port(), false),
                            loops.transport(),
                            server,
                            new MetricsRoutes(page));
            opened = true;
            host.ifPresent(usage -> usage.start(options.interval()));
            log.info("Started Metrics Service at {}:{}", options.address(), listener.port());
            return new MetricsFrontend(loops, listener, host);
        } finally {
            if (!opened) {
                host.ifPresent(HostUsage::close);
                loops.close();
            }
        }
    }

    /** The port that is open. */
    public int port() {
        return listener.port();
    }

    /** Closes everything now and waits for that. */
    @Override
    public void close() {
        host.ifPresent(HostUsage::close);
        try {
            listener.close();
        } finally {
            loops.close();
        }
    }
}
