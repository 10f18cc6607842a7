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
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * For what a handle threw that was called directly: passes unchecked exceptions and errors on
     * as they are.
     *
     * @return what to throw instead of a checked exception, which no native function throws
     */
    static IllegalStateException unexpected(Throwable thrown) {
        if (thrown instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a native function threw", thrown);
    }
}
