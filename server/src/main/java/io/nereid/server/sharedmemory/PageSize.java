package io.nereid.server.sharedmemory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandleProxies;
import java.util.function.IntSupplier;

/** The unit in which the operating system maps memory; the JDK does not tell it. */
final class PageSize {
    private static final int BYTES = ask();

    private PageSize() {}

    /** In bytes. */
    static int bytes() {
        return BYTES;
    }

    @SuppressWarnings("restricted") // a function without arguments that touches nothing
    private static int ask() {
        Linker linker = Linker.nativeLinker();
        var function =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("getpagesize"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT));
        return MethodHandleProxies.asInterfaceInstance(IntSupplier.class, function).getAsInt();
    }
}
