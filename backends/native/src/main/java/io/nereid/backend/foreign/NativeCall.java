package io.nereid.backend.foreign;

/**
 * A call of a method handle. Handles of native functions throw nothing by themselves, yet their
 * signature says {@code Throwable}; this is the one place that deals with it.
 *
 * @param <T> result
 */
@FunctionalInterface
public interface NativeCall<T> {
    /** Calls the handle. */
    T invoke() throws Throwable;

    /**
     * The result of {@code call}.
     *
     * @throws IllegalStateException if the handle threw a checked exception, which none does
     */
    static <T> T of(NativeCall<T> call) {
        try {
            return call.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native function threw", e);
        }
    }
}
