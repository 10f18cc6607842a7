package io.nereid.server.main;

import io.nereid.backend.scheduler.ratelimit.ResourceLimit;
import io.nereid.server.ServerOptions;
import io.nereid.server.instances.HostPolicies;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Flags that say when and where instances execute (cli section 2). */
final class InstanceFlags {
    /** Stands for every device. */
    private static final int ALL = -1;

    @Option(
            names = "--rate-limit",
            description =
                    "off: instances execute whenever there is work; execution_count: only while the"
                            + " resources of their group's rate_limiter are there, those that have"
                            + " executed least first.")
    String rateLimit = "off";

    @Option(
            names = "--rate-limit-resource",
            description =
                    "<name>:<count>[:<device>]: how much there is of a resource, on one device or"
                            + " on each. Default: as much as the most demanding instance needs."
                            + " Repeatable.")
    List<String> resources = new ArrayList<>();

    @Option(
            names = "--host-policy",
            description =
                    "<policy>,<setting>=<value>: cpu-cores=0-3,8-9 or numa-node=0 for the threads of"
                            + " instances with this host_policy; those without one have the policy"
                            + " 'cpu' or 'model'. Repeatable.")
    List<String> hostPolicies = new ArrayList<>();

    @Option(
            names = "--inline-execution-usecs",
            converter = OptionValues.Int.class,
            description =
                    "An instance whose executions take no longer than this in the mean, in"
                            + " microseconds, may execute on the thread that receives requests,"
                            + " which spares a change of threads. 0 for never. Default: 100.")
    int inlineExecutionUsecs = ServerOptions.Instances.INLINE_MICROS;

    @Option(
            names = "--model-load-gpu-limit",
            description =
                    "<gpu>:<fraction>: accepted and checked; without GPUs there is nothing to"
                            + " limit. Repeatable.")
    List<String> gpuLimits = new ArrayList<>();

    @Option(
            names = "--min-supported-compute-capability",
            converter = OptionValues.Decimal.class,
            description = "Accepted; without GPUs there is nothing to compare.")
    double computeCapability;

    /**
     * What the flags say.
     *
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Instances options() {
        gpuLimits.forEach(InstanceFlags::checkGpuLimit);
        return new ServerOptions.Instances(
                isLimited(),
                limits(),
                HostPolicies.of(hostPolicies),
                computeCapability,
                Duration.of(Math.max(0, inlineExecutionUsecs), ChronoUnit.MICROS));
    }

    private boolean isLimited() {
        return switch (rateLimit.toLowerCase(Locale.ROOT)) {
            case "off" -> false;
            case "execution_count" -> true;
            default -> throw bad("--rate-limit", "invalid argument for --rate-limit");
        };
    }

    /** Of two values for the same resource of the same device the smaller one holds. */
    private List<ResourceLimit> limits() {
        Map<List<Object>, ResourceLimit> limits = new HashMap<>();
        for (String text : resources) {
            ResourceLimit limit = limit(text);
            limits.merge(
                    List.of(limit.name(), limit.device()),
                    limit,
                    (one, other) -> one.count() <= other.count() ? one : other);
        }
        return limits.values().stream()
                .sorted(
                        Comparator.comparingInt((ResourceLimit limit) -> device(limit))
                                .thenComparing(ResourceLimit::name))
                .toList();
    }

    /** The number by which a limit's device is shown. */
    static int device(ResourceLimit limit) {
        return limit.device().orElse(ALL);
    }

    private static ResourceLimit limit(String text) {
        List<String> parts = List.of(text.split(":", -1));
        if (parts.size() < 2 || parts.size() > 3) {
            throw bad(
                    "--rate-limit-resource",
                    "--rate-limit-resource option format is"
                            + " '<resource_name>:<count>:<device>' or '<resource_name>:<count>'."
                            + " Got "
                            + text);
        }
        OptionValues.Int number = new OptionValues.Int();
        int device = parts.size() == 3 ? number.convert(parts.get(2)) : ALL;
        return new ResourceLimit(
                parts.get(0),
                number.convert(parts.get(1)),
                device == ALL ? OptionalInt.empty() : OptionalInt.of(device));
    }

    private static void checkGpuLimit(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw bad(
                    "--model-load-gpu-limit",
                    "--model-load-gpu-limit option format is '<device id>:<fraction>'. Got "
                            + text);
        }
        int device = new OptionValues.Int().convert(text.substring(0, colon));
        double fraction = new OptionValues.Decimal().convert(text.substring(colon + 1));
        if (device < 0) {
            throw bad("--model-load-gpu-limit", "expects device ID >= 0, got " + device);
        }
        if (fraction < 0 || fraction > 1) {
            throw bad(
                    "--model-load-gpu-limit",
                    String.format(
                            Locale.ROOT,
                            "expects limit fraction to be in range [0.0, 1.0], got %f",
                            fraction));
        }
    }

    private static IllegalArgumentException bad(String flag, String detail) {
        return new IllegalArgumentException("Bad option: \"" + flag + "\".\n" + detail);
    }
}
