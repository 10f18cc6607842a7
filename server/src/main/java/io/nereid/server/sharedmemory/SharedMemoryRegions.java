package io.nereid.server.sharedmemory;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The regions that clients have registered (HTTP protocol section 10). This server has no access to
 * memory of GPUs and says so, in the words of a server without GPU.
 *
 * <p>An unregistered region that a request still uses is listed, and its name is taken, until the
 * request has ended; new requests cannot open it.
 */
public final class SharedMemoryRegions implements SharedMemoryControl, AutoCloseable {
    /** Each region holds a file descriptor, which connections need too. */
    static final int MAX_REGIONS = 10_000;

    private static final Logger log = LoggerFactory.getLogger(SharedMemoryRegions.class);
    private static final Path OBJECTS = Path.of("/dev/shm");
    private static final String RESERVED_PREFIX = "triton_python_backend_shm_region_";

    private final Path objects;
    private final boolean allowed;
    private final CopyMeter copies;
    private final Map<String, Region> regions = new ConcurrentHashMap<>();

    /**
     * @param allowed whether clients may register memory ({@code --allow-client-shm})
     * @param copies counts what is written into regions
     */
    public SharedMemoryRegions(boolean allowed, CopyMeter copies) {
        this(OBJECTS, allowed, copies);
    }

    /**
     * @param objects folder in which the operating system shows the objects
     */
    SharedMemoryRegions(Path objects, boolean allowed, CopyMeter copies) {
        this.objects = objects;
        this.allowed = allowed;
        this.copies = copies;
    }

    @Override
    public @Owned Window open(String region, long offset, long byteSize) {
        Region found = regions.get(region);
        if (found == null) {
            throw unknown(region);
        }
        checkPart(found.description(), offset, byteSize);
        return found.open(offset, byteSize).orElseThrow(() -> unknown(region));
    }

    private static void checkPart(SystemRegion region, long offset, long byteSize) {
        if (Long.compareUnsigned(offset, region.byteSize()) >= 0) {
            throw StatusException.invalidArgument(
                    "Invalid offset for shared memory region: '" + region.name() + "'");
        }
        long end = offset + byteSize;
        if (Long.compareUnsigned(end, byteSize) < 0) {
            throw StatusException.invalidArgument(
                    "Integer overflow detected: byte_size ("
                            + Long.toUnsignedString(byteSize)
                            + ") + offset ("
                            + Long.toUnsignedString(offset)
                            + ") exceeds maximum value (18446744073709551615) for region '"
                            + region.name()
                            + "'");
        }
        if (Long.compareUnsigned(end, region.byteSize()) > 0) {
            throw StatusException.invalidArgument(
                    "Invalid offset + byte size for shared memory region: '" + region.name() + "'");
        }
    }

    private static StatusException unknown(String region) {
        return new StatusException(
                StatusCode.NOT_FOUND, "Unable to find shared memory region: '" + region + "'");
    }

    @Override
    public void requireAllowed() {
        if (!allowed) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "Client shared memory is disabled. Start the server with"
                            + " '--allow-client-shm=true' to enable.");
        }
    }

    @Override
    public void registerSystem(String name, String key, long offset, long byteSize) {
        requireAllowed();
        String object = objectName(name, key);
        requireFree(name);
        SystemRegion region = new SystemRegion(name, key, offset, byteSize);
        SharedObject opened = openObject(object, key);
        boolean registered = false;
        try {
            checkPlace(region, opened);
            add(region, opened);
            registered = true;
        } finally {
            if (!registered) {
                closeUnused(opened, key);
            }
        }
    }

    private static String objectName(String name, String key) {
        int start = 0;
        while (start < key.length() && key.charAt(start) == '/') {
            start++;
        }
        if (start == key.length()) {
            throw StatusException.invalidArgument(
                    "cannot register shared memory region '"
                            + name
                            + "' - invalid shm key '"
                            + key
                            + "'");
        }
        if (key.startsWith(RESERVED_PREFIX, start)) {
            throw StatusException.invalidArgument(
                    "cannot register shared memory region '"
                            + name
                            + "' with key '"
                            + key
                            + "' as the key contains the reserved prefix '"
                            + RESERVED_PREFIX
                            + "'");
        }
        return key.substring(start);
    }

    private void requireFree(String name) {
        if (regions.containsKey(name)) {
            throw taken(name);
        }
        if (regions.size() >= MAX_REGIONS) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "failed to register shared memory region '"
                            + name
                            + "': "
                            + MAX_REGIONS
                            + " regions are registered, which is the most there can be");
        }
    }

    private static StatusException taken(String name) {
        return new StatusException(
                StatusCode.ALREADY_EXISTS,
                "shared memory region '" + name + "' already in manager");
    }

    private @Owned SharedObject openObject(String object, String key) {
        try {
            return SharedObject.open(objects, object);
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "Unable to open shared memory region: '" + key + "'", e);
        }
    }

    /** Refuses what could not be mapped, although nothing is. */
    private void checkPlace(SystemRegion region, SharedObject object) {
        long available;
        try {
            available = object.byteSize();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "Invalid shared memory region: '" + region.key() + "'", e);
        }
        long left = available - region.offset();
        if (Long.compareUnsigned(region.offset(), available) > 0
                || Long.compareUnsigned(region.byteSize(), left) > 0) {
            throw notRegistered(region, "invalid args");
        }
        if (region.byteSize() == 0 || region.offset() % PageSize.bytes() != 0) {
            throw notRegistered(region, "unable to process address spaceInvalid argument");
        }
    }

    private static StatusException notRegistered(SystemRegion region, String why) {
        return StatusException.invalidArgument(
                "failed to register shared memory region '" + region.name() + "': " + why);
    }

    private void add(SystemRegion description, @Owned SharedObject object) {
        String name = description.name();
        Region region = new Region(description, object, copies, () -> regions.remove(name));
        if (regions.putIfAbsent(name, region) != null) {
            throw taken(name);
        }
        log.debug("registered shared memory region '{}'", name);
    }

    private static void closeUnused(SharedObject object, String key) {
        try {
            object.close();
        } catch (IOException e) {
            log.warn("cannot close shared memory object '{}'", key, e);
        }
    }

    @Override
    public void registerCuda(String name, byte[] rawHandle, long deviceId, long byteSize) {
        requireCuda(name);
    }

    @Override
    public void requireCuda(String name) {
        throw StatusException.invalidArgument(
                "failed to register CUDA shared memory region: '" + name + "', GPUs not supported");
    }

    @Override
    public List<SystemRegion> systemStatus(Optional<String> name) {
        if (name.isEmpty()) {
            return regions.values().stream().map(Region::description).toList();
        }
        Region region = regions.get(name.get());
        if (region == null) {
            throw new StatusException(
                    StatusCode.NOT_FOUND,
                    "Unable to find system shared memory region: '" + name.get() + "'");
        }
        return List.of(region.description());
    }

    @Override
    public List<CudaRegion> cudaStatus(Optional<String> name) {
        if (name.isEmpty()) {
            return List.of();
        }
        throw new StatusException(
                StatusCode.NOT_FOUND,
                regions.containsKey(name.get())
                        ? "The region named '"
                                + name.get()
                                + "' is registered as system shared memory, not CUDA shared memory"
                        : "Unable to find cuda shared memory region: '" + name.get() + "'");
    }

    @Override
    public void unregisterSystem(Optional<String> name) {
        requireAllowed();
        named(name).forEach(Region::retire);
    }

    private Collection<Region> named(Optional<String> name) {
        return name.isEmpty()
                ? regions.values()
                : Optional.ofNullable(regions.get(name.get())).stream().toList();
    }

    /** There is none to forget. */
    @Override
    public void unregisterCuda(Optional<String> name) {
        requireAllowed();
    }

    /**
     * Forgets every region.
     *
     * @throws IllegalStateException if a window is still open
     */
    @Override
    public void close() {
        regions.values().forEach(Region::retire);
        if (!regions.isEmpty()) {
            throw new IllegalStateException(
                    "shared memory regions in use at the end: " + regions.keySet());
        }
    }
}
