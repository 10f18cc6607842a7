package io.nereid.backend.djl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * DJL and one engine. Looks into its own jars first, so that an engine never meets a library of the
 * server or of another engine; everything else, the server's words among it, comes from the
 * backend's class loader.
 */
final class EngineClassLoader extends URLClassLoader {
    static {
        registerAsParallelCapable();
    }

    private EngineClassLoader(URL[] urls, ClassLoader parent) {
        super("djl", urls, parent);
    }

    /** The jars of {@code folders}, and their sub-folders {@code classes}. */
    static EngineClassLoader over(List<Path> folders, ClassLoader parent) {
        List<URL> urls = new ArrayList<>();
        for (Path folder : folders) {
            Path classes = folder.resolve("classes");
            if (Files.isDirectory(classes)) {
                urls.add(url(classes));
            }
            jars(folder).forEach(jar -> urls.add(url(jar)));
        }
        return new EngineClassLoader(urls.toArray(URL[]::new), parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("java.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            try {
                return findClass(name);
            } catch (ClassNotFoundException _) {
                return super.loadClass(name, resolve);
            }
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL own = findResource(name);
        return own == null ? super.getResource(name) : own;
    }

    /** Own ones alone where there are any: providers of a service must match its class. */
    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        Enumeration<URL> own = findResources(name);
        return own.hasMoreElements() ? own : super.getResources(name);
    }

    private static List<Path> jars(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("no URL for " + path, e);
        }
    }
}
