package io.nereid.server.sharedmemory;

import io.nereid.protocol.SharedMemory;
import java.util.List;
import java.util.Optional;

/**
 * Regions that clients register, under names shared by both kinds (http section 10). Calls to the
 * operating system are short; called on: any thread.
 */
public interface SharedMemoryControl extends SharedMemory {
    /**
     * A registered region of system memory.
     *
     * @param key name of the POSIX shared memory object
     * @param offset first byte within the object
     */
    record SystemRegion(String name, String key, long offset, long byteSize) {}

    /** A registered region of a GPU. */
    record CudaRegion(String name, long deviceId, long byteSize) {}

    /**
     * Refuses what changes the regions of a server that does not let clients share memory. The
     * other methods ask by themselves, except {@link #registerCuda}: the protocols disagree on
     * which of its faults comes first.
     *
     * @throws io.nereid.protocol.StatusException UNSUPPORTED if clients may not share memory
     */
    void requireAllowed();

    /**
     * Refuses memory of GPUs where there are none, before the request is looked at.
     *
     * @param name of the region that is to be registered
     * @throws io.nereid.protocol.StatusException INVALID_ARG with the text of section 10.3
     */
    void requireCuda(String name);

    /**
     * Registers system memory.
     *
     * @throws io.nereid.protocol.StatusException with the texts of section 10.2
     */
    void registerSystem(String name, String key, long offset, long byteSize);

    /**
     * Registers memory of a GPU.
     *
     * @param rawHandle the 64 bytes of a {@code cudaIpcMemHandle_t}
     * @throws io.nereid.protocol.StatusException with the texts of section 10.3
     */
    void registerCuda(String name, byte[] rawHandle, long deviceId, long byteSize);

    /**
     * Registered system memory by name.
     *
     * @param name one region; empty for all
     * @throws io.nereid.protocol.StatusException NOT_FOUND with the texts of section 10.1
     */
    List<SystemRegion> systemStatus(Optional<String> name);

    /**
     * Registered memory of GPUs by name.
     *
     * @param name one region; empty for all
     * @throws io.nereid.protocol.StatusException NOT_FOUND with the texts of section 10.1
     */
    List<CudaRegion> cudaStatus(Optional<String> name);

    /**
     * Forgets system memory; a region in use goes when its last window is closed. An unknown name
     * is no error.
     *
     * @param name one region; empty for all of this kind
     * @throws io.nereid.protocol.StatusException UNSUPPORTED if clients may not share memory
     */
    void unregisterSystem(Optional<String> name);

    /** Forgets memory of GPUs, as {@link #unregisterSystem} does. */
    void unregisterCuda(Optional<String> name);
}
