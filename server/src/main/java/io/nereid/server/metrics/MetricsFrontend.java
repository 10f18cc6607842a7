package io.nereid.server.metrics;

import io.nereid.backend.cache.CacheFigures;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerOptions;
import io.nereid.server.netty.EventLoops;
import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private final Sampler sampler;

    private MetricsFrontend(EventLoops loops, HttpListener listener, Sampler sampler) {
        this.loops = loops;
        this.listener = listener;
        this.sampler = sampler;
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
        options.ineffective()
                .forEach(setting ->
                        log.warn("--metrics-config {} has no effect in this server", setting));
        Optional<HostUsage> host =
                options.cpu() ? Optional.of(new HostUsage(PROC)) : Optional.empty();
        MetricsPage page =
                new MetricsPage(
                        versions,
                        new ModelFamilies(options.counterLatencies(), options.legacy()),
                        new LoadFamilies(server),
                        host,
                        cache);
        Sampler sampler = new Sampler();
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
            sampler.start(options.interval(), looks(versions, host));
            log.info("Started Metrics Service at {}:{}", options.address(), listener.port());
            return new MetricsFrontend(loops, listener, sampler);
        } finally {
            if (!opened) {
                sampler.close();
                loops.close();
            }
        }
    }

    private static List<Runnable> looks(OpenVersions versions, Optional<HostUsage> host) {
        List<Runnable> looks = new ArrayList<>();
        looks.add(() -> versions.all().forEach(OpenVersion::look));
        if (host.isPresent() && host.get().isReadable()) {
            looks.add(host.get()::look);
        } else if (host.isPresent()) {
            log.warn("no CPU metrics: {} tells nothing on this system", PROC);
        }
        return looks;
    }

    /** The port that is open. */
    public int port() {
        return listener.port();
    }

    /** Closes everything now and waits for that. */
    @Override
    public void close() {
        sampler.close();
        try {
            listener.close();
        } finally {
            loops.close();
        }
    }
}
