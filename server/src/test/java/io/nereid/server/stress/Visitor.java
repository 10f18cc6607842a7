package io.nereid.server.stress;

import java.util.random.RandomGenerator;

/** A client that does something once, and tells the tally. Used by one thread. */
@FunctionalInterface
interface Visitor {
    void visit(RandomGenerator random) throws Exception;
}
