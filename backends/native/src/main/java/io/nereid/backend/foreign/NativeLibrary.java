package io.nereid.backend.foreign;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A shared library opened by its path. It stays loaded until the process ends: engines keep threads
 * of their own, which must not lose their code.
 */
public final class NativeLibrary {
    private final Path file;
    private final SymbolLookup symbols;

    private NativeLibrary(Path file, SymbolLookup symbols) {
        this.file = file;
        this.symbols = symbols;
    }

    /**
     * Opens {@code directory/fileName}; libraries that it needs are looked for beside it.
     *
     * @throws StatusException UNAVAILABLE if it is not there or cannot be loaded
     */
    @SuppressWarnings("restricted")
    public static NativeLibrary open(String engine, Path directory, String fileName) {
        Path file = directory.resolve(fileName).toAbsolutePath();
        if (!Files.isRegularFile(file)) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "native library of "
                            + engine
                            + " not found: expected "
                            + fileName
                            + " in directory "
                            + directory.toAbsolutePath());
        }
        try {
            return new NativeLibrary(file, SymbolLookup.libraryLookup(file, Arena.global()));
        } catch (IllegalArgumentException e) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "native library of "
                            + engine
                            + " cannot be loaded: "
                            + file
                            + " or a library that it needs is missing or not made for this machine",
                    e);
        }
    }

    /**
     * The function of that name.
     *
     * @throws StatusException UNAVAILABLE if the library has none
     */
    public NativeFunction function(String name, FunctionDescriptor descriptor) {
        return new NativeFunction(address(name), descriptor);
    }

    /**
     * Where the symbol of that name lies.
     *
     * @throws StatusException UNAVAILABLE if the library has none
     */
    public MemorySegment address(String name) {
        return symbols.find(name)
                .orElseThrow(() ->
                        new StatusException(
                                StatusCode.UNAVAILABLE,
                                "native library "
                                        + file
                                        + " has no function "
                                        + name
                                        + "; is it another version?"));
    }
}
