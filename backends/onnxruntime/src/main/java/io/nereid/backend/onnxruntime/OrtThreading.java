package io.nereid.backend.onnxruntime;

/** The engine's description of a pool of threads for the whole process, without spinning. */
final class OrtThreading implements AutoCloseable {
    private final OrtTable table;
    private final long pointer;

    private OrtThreading(OrtTable table, long pointer) {
        this.table = table;
        this.pointer = pointer;
    }

    static OrtThreading open(OrtTable table, GlobalThreads threads) {
        OrtThreading threading = new OrtThreading(table, table.get(121));
        boolean complete = false;
        try {
            threading.set(147, threads.intra());
            threading.set(148, threads.inter());
            threading.set(149, 0);
            complete = true;
            return threading;
        } finally {
            if (!complete) {
                threading.close();
            }
        }
    }

    private void set(int slot, int value) {
        table.call(slot, pointer, value);
    }

    long pointer() {
        return pointer;
    }

    @Override
    public void close() {
        table.release(122, pointer);
    }
}
