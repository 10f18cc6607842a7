package io.nereid.server.main;

import com.sun.management.OperatingSystemMXBean;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.ServerOptions;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Flags of how much the server takes on, what it does when something hangs, and how it stops. */
final class LoadFlags {
    private static final int UNAVAILABLE = 503;
    private static final int TOO_MANY_REQUESTS = 429;

    @Option(
            names = "--max-inflight-bytes",
            converter = OptionValues.Long64.class,
            description =
                    "Most bytes of request bodies held at a time; requests beyond it are"
                            + " refused from their headers. Default: half of the memory.")
    long maxInflightBytes = defaultInflightBytes();

    @Option(
            names = "--max-inflight-requests",
            converter = OptionValues.Int.class,
            description =
                    "Most requests to models in flight at a time; more are refused from their"
                            + " headers. Default: 65536.")
    int maxInflightRequests = AdmissionLimits.DEFAULT_REQUESTS;

    @Option(
            names = "--overload-status",
            converter = OptionValues.Int.class,
            description =
                    "How requests are refused for which there is no room: 503, as Triton does, or"
                            + " 429 with Retry-After; gRPC UNAVAILABLE or RESOURCE_EXHAUSTED."
                            + " Default: 503.")
    int overloadStatus = UNAVAILABLE;

    @Option(
            names = "--instance-stuck-secs",
            converter = OptionValues.Int.class,
            description =
                    "Seconds after which an instance that still executes the same batch counts as"
                            + " stuck: it is logged with its stack, and its model is not ready. 0"
                            + " for never. Default: 300.")
    int instanceStuckSecs = 300;

    @Option(
            names = "--drain-delay-secs",
            converter = OptionValues.Int.class,
            description =
                    "Seconds in which a server that is to stop says that it is not ready and"
                            + " serves as before. Default: 0.")
    int drainDelaySecs;

    @Option(
            names = "--exit-timeout-secs",
            converter = OptionValues.Int.class,
            description = "Longest wait for requests in flight when the server stops.")
    int exitTimeoutSecs = 30;

    /**
     * @throws IllegalArgumentException with the text for the user
     */
    AdmissionLimits admission() {
        requirePositive("--max-inflight-bytes", maxInflightBytes);
        requirePositive("--max-inflight-requests", maxInflightRequests);
        if (overloadStatus != UNAVAILABLE && overloadStatus != TOO_MANY_REQUESTS) {
            throw new IllegalArgumentException("Error: --overload-status must be 503 or 429.");
        }
        return new AdmissionLimits(
                maxInflightBytes, maxInflightRequests, overloadStatus == TOO_MANY_REQUESTS);
    }

    private static void requirePositive(String flag, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("Error: " + flag + " must be greater than 0.");
        }
    }

    ServerOptions.Stopping stopping() {
        return new ServerOptions.Stopping(
                Duration.ofSeconds(Math.max(0, drainDelaySecs)), Math.max(0, exitTimeoutSecs));
    }

    Duration stuckAfter() {
        return Duration.ofSeconds(Math.max(0, instanceStuckSecs));
    }

    private static long defaultInflightBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize()
                / 2;
    }
}
