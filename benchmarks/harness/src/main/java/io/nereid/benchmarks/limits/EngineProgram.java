package io.nereid.benchmarks.limits;

import com.sun.management.OperatingSystemMXBean;
import io.nereid.benchmarks.models.Requests;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The program that calls the engine and nothing else. Each line of input names a request and a
 * number of seconds; the answer is {@code RESULT CALLS CPU_NANOSECONDS}.
 */
public final class EngineProgram {
    private EngineProgram() {}

    /**
     * Runs until its input ends.
     *
     * @param arguments folder of the distribution, model repository
     */
    public static void main(String[] arguments) throws IOException {
        Path home = Path.of(arguments[0]);
        Path repository = Path.of(arguments[1]);
        OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Map<Requests, EngineCall> calls = new EnumMap<>(Requests.class);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", 2);
            Requests request = Requests.valueOf(words[0]);
            EngineCall call = calls.get(request);
            if (call == null) {
                call = EngineCall.open(home, repository, request);
                calls.put(request, call);
            }
            long cpu = system.getProcessCpuTime();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(words[1]));
            long count = 0;
            for (; System.nanoTime() - end < 0; count++) {
                call.run();
            }
            System.out.println("RESULT " + count + " " + (system.getProcessCpuTime() - cpu));
        }
        calls.values().forEach(EngineCall::close);
    }
}
