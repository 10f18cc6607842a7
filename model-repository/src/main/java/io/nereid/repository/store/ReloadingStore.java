package io.nereid.repository.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.Owned;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bucket whose credentials are read anew when they are refused: whatever was refused is asked
 * exactly once more (repository section 16). Owns the store that it opens; one that was replaced is
 * closed when the last of its answers is. Control threads, several at a time.
 */
final class ReloadingStore implements ModelStore {
    /** Reads credentials and opens the bucket with them. */
    interface Opening {
        @Owned
        ModelStore open() throws StoreException;
    }

    /** A store and how many calls and answers need it. */
    private static final class Client {
        private final ModelStore store;
        private int users;
        private boolean replaced;

        Client(@Owned ModelStore store) {
            this.store = store;
        }
    }

    private interface Call<T> {
        T run(Client client) throws StoreException;
    }

    private final Opening opening;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Client current;

    ReloadingStore(Opening opening) {
        this.opening = opening;
    }

    @Override
    public ListPage list(String prefix, Optional<String> next) throws StoreException {
        return call(client -> client.store.list(prefix, next));
    }

    @Override
    public @Owned ObjectContent open(StoredObject object, long offset) throws StoreException {
        return call(client -> {
            ObjectContent content = client.store.open(object, offset);
            hold(client);
            return content.closing(() -> release(client));
        });
    }

    private <T> T call(Call<T> call) throws StoreException {
        Client client = take(Optional.empty());
        try {
            return call.run(client);
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.CREDENTIALS) {
                throw e;
            }
        } finally {
            release(client);
        }
        Client renewed = take(Optional.of(client));
        try {
            return call.run(renewed);
        } finally {
            release(renewed);
        }
    }

    /** The store of now, held; opened anew if there is none, or still the one that was refused. */
    private Client take(Optional<Client> refused) throws StoreException {
        lock.lock();
        try {
            Client client = current;
            if (client == null || refused.filter(client::equals).isPresent()) {
                Client opened = new Client(opening.open());
                if (client != null) {
                    replace(client);
                }
                current = opened;
                client = opened;
            }
            client.users++;
            return client;
        } finally {
            lock.unlock();
        }
    }

    private void hold(Client client) {
        lock.lock();
        try {
            client.users++;
        } finally {
            lock.unlock();
        }
    }

    private void release(Client client) {
        lock.lock();
        try {
            client.users--;
            closeUnused(client);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void replace(Client client) {
        client.replaced = true;
        closeUnused(client);
    }

    @GuardedBy("lock")
    private void closeUnused(Client client) {
        if (client.replaced && client.users == 0) {
            client.store.close();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            Client client = current;
            current = null;
            if (client != null) {
                replace(client);
            }
        } finally {
            lock.unlock();
        }
    }
}
