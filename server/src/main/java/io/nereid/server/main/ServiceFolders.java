package io.nereid.server.main;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Services that lie in folders of jars. Each folder has a class loader of its own, so that their
 * dependencies cannot clash. Owns the class loaders. Called on: control threads.
 */
final class ServiceFolders implements AutoCloseable {
    /**
     * A service.
     *
     * @param folder where its jars lie
     */
    record Found<T>(T service, Path folder) {}

    /**
     * The folders of all servers in this process; never closed. For services whose libraries take
     * names in Netty, which is the server's: a name can be taken once in a process.
     */
    static final ServiceFolders OF_PROCESS = new ServiceFolders();

    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Map<Path, URLClassLoader> loaders = new HashMap<>();

    /** All services of a kind in the folders of a directory, in the order of the folders' names. */
    <T> List<Found<T>> find(Class<T> kind, Path directory) {
        List<Found<T>> found = new ArrayList<>();
        for (Path folder : entries(directory)) {
            if (Files.isDirectory(folder)) {
                for (T service : ServiceLoader.load(kind, loader(folder))) {
                    found.add(new Found<>(service, folder));
                }
            }
        }
        return found;
    }

    private URLClassLoader loader(Path folder) {
        synchronized (lock) {
            return loaders.computeIfAbsent(
                    folder.toAbsolutePath().normalize(), ServiceFolders::open);
        }
    }

    private static URLClassLoader open(Path folder) {
        URL[] jars =
                entries(folder).stream()
                        .filter(file -> file.toString().endsWith(".jar"))
                        .map(ServiceFolders::url)
                        .toArray(URL[]::new);
        return new URLClassLoader(jars, ServiceFolders.class.getClassLoader());
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory.toAbsolutePath(), e);
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("no URL for " + file, e);
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            for (URLClassLoader loader : loaders.values()) {
                try {
                    loader.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot close " + loader, e);
                }
            }
            loaders.clear();
        }
    }
}
