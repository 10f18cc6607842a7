package io.nereid.server.sharedmemory;

import java.io.File;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** A client in a process of its own, which maps a shared memory object. */
public final class OtherProcess {
    private OtherProcess() {}

    /** Runs the process to its end; fails unless it did what it was told. */
    public static void run(Path object, String command, int value)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OtherProcess.class.getName(),
                                object.toString(),
                                command,
                                Integer.toString(value))
                        .redirectErrorStream(true)
                        .redirectOutput(File.createTempFile("other-process", ".log"))
                        .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the other process does not end");
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " " + value + " failed in the other process");
        }
    }

    /** Fills the object with a value, checks that it is full of one, or cuts it to a size. */
    public static void main(String[] args) throws IOException {
        int value = Integer.parseInt(args[2]);
        try (FileChannel file =
                FileChannel.open(
                        Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer mapping = file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
            switch (args[1]) {
                case "fill" -> {
                    while (mapping.hasRemaining()) {
                        mapping.put((byte) value);
                    }
                }
                case "expect" -> {
                    while (mapping.hasRemaining()) {
                        if (mapping.get() != value) {
                            throw new IllegalStateException("at " + (mapping.position() - 1));
                        }
                    }
                }
                case "cut" -> file.truncate(value);
                default -> throw new IllegalArgumentException(args[1]);
            }
        }
    }
}
