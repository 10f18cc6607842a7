package io.nereid.benchmarks;

import java.io.IOException;

/** Something that runs in a process of its own and can do the work of rows. Used by one thread. */
interface Subject extends AutoCloseable {
    /** Does the work of a row for some seconds. Blocks. */
    Cell measure(Row row, int seconds) throws IOException;

    @Override
    void close();
}
