package io.nereid.backend.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory lent to the engine, which calls back when it has done with it, on whichever thread drops
 * the last reference. The call back lives until the process ends, since answers may outlive the
 * engine.
 */
final class Lending {
    private static final Logger log = LoggerFactory.getLogger(Lending.class);
    private static final FunctionDescriptor RELEASE =
            FunctionDescriptor.ofVoid(
                    ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

    private final Map<Long, Runnable> lent = new ConcurrentHashMap<>();
    private final AtomicLong tickets = new AtomicLong();
    private final MemorySegment stub;

    Lending() {
        stub = stub(lent);
    }

    /** The function for the engine to call with a ticket. */
    MemorySegment stub() {
        return stub;
    }

    /**
     * Notes that memory is lent.
     *
     * @param end gives the memory back; called once
     * @return the ticket
     */
    long lend(Runnable end) {
        long ticket = tickets.incrementAndGet();
        lent.put(ticket, end);
        return ticket;
    }

    /** Takes part in the engine's call: an exception here would end the process. */
    static void released(Map<Long, Runnable> lent, MemorySegment data, long length, long ticket) {
        Runnable end = lent.remove(ticket);
        if (end == null) {
            log.error("memory at {} ({} bytes) was given back twice", data.address(), length);
            return;
        }
        try {
            end.run();
        } catch (IllegalStateException e) {
            log.error("memory at {} ({} bytes) was closed early", data.address(), length, e);
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment stub(Map<Long, Runnable> lent) {
        try {
            MethodHandle released =
                    MethodHandles.lookup()
                            .findStatic(
                                    Lending.class,
                                    "released",
                                    MethodType.methodType(
                                            void.class,
                                            Map.class,
                                            MemorySegment.class,
                                            long.class,
                                            long.class));
            return Linker.nativeLinker().upcallStub(released.bindTo(lent), RELEASE, Arena.global());
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalStateException("the call back for lent memory is gone", e);
        }
    }
}
