package io.nereid.backend.dali.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's reader of one format. A reader object is made for each picture, so this may be used
 * from any thread.
 */
final class JdkReader {
    private static final Logger log = LoggerFactory.getLogger(JdkReader.class);
    private static final long NANOS_BETWEEN_WARNINGS = 10_000_000_000L;

    @FunctionalInterface
    private interface Reading<T> {
        T from(ImageReader reader) throws IOException;
    }

    private final ImageReaderSpi provider;
    private final LongSupplier nanoTime;
    private final AtomicLong nextWarning;

    private JdkReader(ImageReaderSpi provider, LongSupplier nanoTime) {
        this.provider = provider;
        this.nanoTime = nanoTime;
        this.nextWarning = new AtomicLong(nanoTime.getAsLong());
    }

    /** The reader of {@code format}; one that belongs to the JDK, whatever else is installed. */
    static JdkReader of(String format, LongSupplier nanoTime) {
        Iterator<ImageReaderSpi> providers =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (providers.hasNext()) {
            ImageReaderSpi provider = providers.next();
            if (provider.getClass().getModule() == ImageIO.class.getModule()) {
                for (String name : provider.getFormatNames()) {
                    if (name.equalsIgnoreCase(format)) {
                        return new JdkReader(provider, nanoTime);
                    }
                }
            }
        }
        throw new IllegalStateException("this JDK has no reader for " + format);
    }

    /** Stored components, without any colour conversion. */
    Raster readRaster(byte[] data) {
        return read(data, reader -> reader.readRaster(0, null));
    }

    /** The picture in the form closest to the file's. */
    BufferedImage readImage(byte[] data) {
        return read(data, reader -> reader.read(0));
    }

    private <T> T read(byte[] data, Reading<T> reading) {
        try (ByteArrayImageStream stream = new ByteArrayImageStream(data)) {
            ImageReader reader = provider.createReaderInstance();
            try {
                reader.setInput(stream, true, true);
                reader.addIIOReadWarningListener((source, warning) -> warn(warning));
                return reading.from(reader);
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            // the JDK's readers throw many kinds of unchecked exceptions on broken files
            log.debug("picture of {} bytes cannot be decoded", data.length, e);
            throw ImageFormat.unsupported();
        }
    }

    private void warn(String warning) {
        long now = nanoTime.getAsLong();
        long next = nextWarning.get();
        if (now - next >= 0 && nextWarning.compareAndSet(next, now + NANOS_BETWEEN_WARNINGS)) {
            log.warn("picture is damaged and was decoded as far as possible: {}", warning);
        }
    }
}
