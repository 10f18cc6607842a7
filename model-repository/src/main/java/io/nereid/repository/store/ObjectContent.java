package io.nereid.repository.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of an object on their way. Owned by whoever opened it, used by one thread; closing it
 * before its end gives the connection up.
 */
public final class ObjectContent implements AutoCloseable {
    /** Ends what the bytes come from. */
    public interface Ending {
        /** Must not wait for bytes that nobody reads. */
        void close() throws IOException;
    }

    private static final Logger log = LoggerFactory.getLogger(ObjectContent.class);

    private final InputStream bytes;
    private final Optional<Checksum> checksum;
    private final Ending ending;

    /**
     * Takes over a stream.
     *
     * @param bytes from the offset that was asked for to the end of the object
     * @param checksum of the whole object, where the store says one
     * @param ending run once, by {@link #close}
     */
    public ObjectContent(InputStream bytes, Optional<Checksum> checksum, Ending ending) {
        this.bytes = bytes;
        this.checksum = checksum;
        this.ending = ending;
    }

    /** The bytes; borrowed. */
    InputStream bytes() {
        return bytes;
    }

    Optional<Checksum> checksum() {
        return checksum;
    }

    /** The same bytes; {@code afterwards} runs when they are closed. */
    ObjectContent closing(Runnable afterwards) {
        return new ObjectContent(
                bytes,
                checksum,
                () -> {
                    try {
                        ending.close();
                    } finally {
                        afterwards.run();
                    }
                });
    }

    @Override
    public void close() {
        try {
            ending.close();
        } catch (IOException e) {
            log.debug("a connection to a store did not end well", e);
        }
    }
}
