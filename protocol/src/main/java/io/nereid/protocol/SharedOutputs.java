package io.nereid.protocol;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The outputs of a request that are to be written into memory shared with the client (HTTP protocol
 * section 12.5). Owns their windows: whoever owns this closes it once the request has ended. Used
 * by one thread at a time.
 */
public final class SharedOutputs implements AutoCloseable {
    /** No output is in shared memory; closing it does nothing. */
    public static final SharedOutputs NONE = new SharedOutputs(Map.of());

    private final Map<String, SharedMemory.Window> windows;

    private SharedOutputs(@Owned Map<String, SharedMemory.Window> windows) {
        this.windows = windows;
    }

    /** Outputs without a window so far. */
    public static @Owned SharedOutputs open() {
        return new SharedOutputs(new HashMap<>());
    }

    /** Makes a window the place of an output that has none yet. */
    public void add(String output, @Owned SharedMemory.Window window) {
        if (windows.putIfAbsent(output, window) != null) {
            window.close();
            throw new IllegalStateException("output '" + output + "' has two windows");
        }
    }

    /** Whether an output goes to shared memory, and so not into the answer. */
    public boolean contains(String output) {
        return windows.containsKey(output);
    }

    /**
     * Writes the outputs that have a window. Nothing is written if one does not fit; empty outputs
     * fit anywhere.
     *
     * @param outputs all outputs of a response, borrowed
     * @throws StatusException INTERNAL with the text of section 12.5 if a window is too small, or
     *     if the memory is gone
     */
    public void write(List<Tensor> outputs) {
        if (windows.isEmpty()) {
            return;
        }
        outputs.forEach(this::checkSize);
        for (Tensor output : outputs) {
            SharedMemory.Window window = windows.get(output.name());
            if (window != null && output.buffer().byteSize() > 0) {
                window.write(output.buffer());
            }
        }
    }

    private void checkSize(Tensor output) {
        SharedMemory.Window window = windows.get(output.name());
        if (window != null && window.byteSize() < output.buffer().byteSize()) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "shared memory size specified with the request for output '"
                            + output.name()
                            + "' ("
                            + window.byteSize()
                            + " bytes) should be at least "
                            + output.buffer().byteSize()
                            + " bytes to hold the results");
        }
    }

    /** Lets the regions go. */
    @Override
    public void close() {
        if (!windows.isEmpty()) {
            windows.values().forEach(SharedMemory.Window::close);
        }
    }
}
