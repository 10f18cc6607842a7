package io.nereid.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A program that does the work in process: it reads what to do from its input and answers {@code
 * RESULT CALLS CPU_NANOSECONDS}. It ends with its input.
 */
final class ProgramSubject implements Subject {
    private static final String RESULT = "RESULT ";

    private final Process process;
    private final BiFunction<Row, Integer, String> order;
    private final Writer orders;
    private final BufferedReader answers;

    private ProgramSubject(Process process, BiFunction<Row, Integer, String> order) {
        this.process = process;
        this.order = order;
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        this.answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * @param order the line of input for a row and a number of seconds
     */
    static ProgramSubject start(
            List<String> command, Path log, BiFunction<Row, Integer, String> order)
            throws IOException {
        return new ProgramSubject(
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start(),
                order);
    }

    @Override
    public Cell measure(Row row, int seconds) throws IOException {
        orders.write(order.apply(row, seconds) + "\n");
        orders.flush();
        String line = answers.readLine();
        while (line != null && !line.startsWith(RESULT)) {
            // Engines may talk.
            line = answers.readLine();
        }
        if (line == null) {
            throw new IOException("a program has ended; see benchmarks/target/programs.log");
        }
        String[] numbers = line.substring(RESULT.length()).split(" ", 2);
        long calls = Long.parseLong(numbers[0]);
        double cpu = Long.parseLong(numbers[1]) / 1e3;
        return new Cell(cpu / calls, (double) calls / seconds, 0, 0);
    }

    @Override
    public void close() {
        try {
            orders.close();
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
