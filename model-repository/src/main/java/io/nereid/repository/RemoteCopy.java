package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.CachedObject;
import io.nereid.repository.store.ObjectChangedException;
import io.nereid.repository.store.StoredObject;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a remote model together in a directory of this machine: links to the cache's files, or
 * copies where the cache lies on another file system. It is all of the model as the store listed it
 * at one moment, or nothing. Used once, by a control thread, with a few threads of its own.
 */
final class RemoteCopy {
    private static final Logger log = LoggerFactory.getLogger(RemoteCopy.class);

    /** Objects of a model that are downloaded at a time. */
    private static final int AT_A_TIME = 4;

    /** Listings of a model that changes while it is downloaded. */
    private static final int LISTINGS = 4;

    private final RemoteModel model;
    private final HeldDirectory directory;
    private final Queue<CachedObject> linked = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean failed = new AtomicBoolean();

    private RemoteCopy(RemoteModel model, HeldDirectory directory) {
        this.model = model;
        this.directory = directory;
    }

    /**
     * Makes a directory with all of a model's objects. Blocks.
     *
     * @throws StatusException with the object and the step that failed; nothing is left behind but
     *     what the cache keeps to go on with
     */
    static @Owned HeldDirectory of(RemoteModel listed) {
        RemoteModel model = listed;
        for (int listing = 1; ; listing++) {
            try {
                return make(model);
            } catch (ObjectChangedException e) {
                if (listing == LISTINGS) {
                    throw new StatusException(
                            StatusCode.INTERNAL,
                            "'"
                                    + model.origin()
                                    + "' changed again and again while it was downloaded: "
                                    + e.getMessage(),
                            e);
                }
            }
            model = model.listedAnew();
        }
    }

    private static @Owned HeldDirectory make(RemoteModel model) throws ObjectChangedException {
        if (model.refusal().isPresent()) {
            throw StatusException.invalidArgument(model.refusal().get());
        }
        HeldDirectory directory =
                HeldDirectory.copyOf(model.origin(), model.repository().staging());
        RemoteCopy copy = new RemoteCopy(model, directory);
        directory.whenGone(() -> copy.linked.forEach(CachedObject::close));
        boolean complete = false;
        try {
            copy.fetchAll();
            complete = true;
            return directory;
        } finally {
            if (!complete) {
                directory.close();
            }
        }
    }

    private void fetchAll() throws ObjectChangedException {
        List<CompletableFuture<Optional<ObjectChangedException>>> fetching = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        AT_A_TIME, Thread.ofVirtual().name("nereid-download-", 0).factory())) {
            model.objects()
                    .forEach((path, object) ->
                            fetching.add(
                                    CompletableFuture.supplyAsync(
                                            () -> fetch(path, object), threads)));
        }
        for (CompletableFuture<Optional<ObjectChangedException>> fetched : fetching) {
            Optional<ObjectChangedException> changed = joined(fetched);
            if (changed.isPresent()) {
                throw changed.get();
            }
        }
    }

    /** What a download came to, or the status that it failed with. */
    static <T> T joined(CompletableFuture<T> download) {
        try {
            return download.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StatusException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Those that wait for a thread are left when one has failed. */
    private Optional<ObjectChangedException> fetch(String path, StoredObject object) {
        if (failed.get()) {
            return Optional.empty();
        }
        boolean done = false;
        try {
            place(model.repository().fetch(object), directory.directory().resolve(path), object);
            done = true;
            return Optional.empty();
        } catch (ObjectChangedException e) {
            return Optional.of(e);
        } finally {
            if (!done) {
                failed.set(true);
            }
        }
    }

    private void place(@Owned CachedObject cached, Path file, StoredObject object) {
        boolean link = false;
        try {
            Files.createDirectories(file.getParent());
            link = isLinked(cached.file(), file);
            if (!link) {
                Files.copy(cached.file(), file);
            }
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to put '"
                            + model.repository().nameOf(object)
                            + "' at "
                            + file
                            + ": "
                            + e,
                    e);
        } finally {
            if (link) {
                linked.add(cached);
            } else {
                cached.close();
            }
        }
    }

    private static boolean isLinked(Path cached, Path file) throws IOException {
        try {
            Files.createLink(file, cached);
            return true;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            log.debug("{} cannot be linked to, it is copied: {}", cached, e.toString());
            return false;
        }
    }
}
