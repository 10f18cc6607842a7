package io.nereid.protocol;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts copies of tensor bytes by the place that makes them. May be used from any thread. */
public final class CopyMeter {
    /** A place that copies tensor bytes. */
    public enum Site {
        /** From the network into a request's block. */
        RECEIVE,
        /** JSON numbers into a typed block. */
        DECODE,
        /** Several requests' tensors into one batch tensor. */
        GATHER,
        /** Into memory that an engine asks for: alignment, strings, layouts. */
        ENGINE_INPUT,
        /** Out of an engine's memory, where it cannot be handed on. */
        ENGINE_OUTPUT,
        /** Outputs into a response cache, or out of one that lies elsewhere. */
        CACHE,
        /** Tensors into JSON. */
        ENCODE,
        /** The parts of a small answer into one piece for the socket. */
        SEND,
        /** Out of memory that a client shares, into a block. */
        SHARED_INPUT,
        /** Into memory that a client shares. */
        SHARED_OUTPUT
    }

    private final Map<Site, LongAdder> copies = new EnumMap<>(Site.class);
    private final Map<Site, LongAdder> bytes = new EnumMap<>(Site.class);

    public CopyMeter() {
        for (Site site : Site.values()) {
            copies.put(site, new LongAdder());
            bytes.put(site, new LongAdder());
        }
    }

    /** Notes one copy of {@code byteSize} bytes. */
    public void count(Site site, long byteSize) {
        adder(copies, site).increment();
        adder(bytes, site).add(byteSize);
    }

    /** Copies made at that place so far. */
    public long copies(Site site) {
        return adder(copies, site).sum();
    }

    /** Bytes copied at that place so far. */
    public long bytes(Site site) {
        return adder(bytes, site).sum();
    }

    private static LongAdder adder(Map<Site, LongAdder> adders, Site site) {
        LongAdder adder = adders.get(site);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + site);
        }
        return adder;
    }
}
