package io.nereid.server.instances;

import io.nereid.backend.InstanceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host policies of a server by name (cli section 2): on which cores instances' threads run.
 * Instances without a policy of their own take that of their kind of device, {@code cpu}, {@code
 * model} or {@code gpu_<id>}, if there is one. Immutable; any thread.
 *
 * <p>Only threads of instances are placed. A pool that an engine shares among models belongs to no
 * instance. A node's memory needs no setting of its own: what a thread touches first lies near its
 * core.
 */
public final class HostPolicies {
    private static final Logger log = LoggerFactory.getLogger(HostPolicies.class);

    /** Threads run anywhere. */
    public static final HostPolicies NONE = new HostPolicies(Map.of());

    private static final Path NODES = Path.of("/sys/devices/system/node");

    private final Map<String, HostPolicy> policies;

    private HostPolicies(Map<String, HostPolicy> policies) {
        this.policies = Map.copyOf(policies);
    }

    /**
     * Reads policies.
     *
     * @param settings each {@code <policy>,<setting>=<value>}
     * @throws IllegalArgumentException with the text for the user
     */
    public static HostPolicies of(List<String> settings) {
        Map<String, HostPolicy> policies = new HashMap<>();
        for (String text : settings) {
            int comma = text.indexOf(',');
            int equals = text.indexOf('=', comma + 1);
            if (comma <= 0 || equals <= comma + 1 || equals == text.length() - 1) {
                throw new IllegalArgumentException(
                        "--host-policy option format is '<policy name>,<setting>=<value>'. Got "
                                + text);
            }
            String name = text.substring(0, comma);
            policies.put(
                    name,
                    policies.getOrDefault(name, HostPolicy.NONE)
                            .with(text.substring(comma + 1, equals), text.substring(equals + 1)));
        }
        return new HostPolicies(policies);
    }

    /** The policy of a name, one that says nothing if there is none. */
    HostPolicy policy(String name) {
        return policies.getOrDefault(name, HostPolicy.NONE);
    }

    /**
     * Puts the calling thread, an instance's, on the cores of its policy, or logs why not.
     *
     * @return whether its policy names cores
     */
    public boolean place(InstanceSpec spec) {
        HostPolicy policy = policy(spec.hostPolicy());
        Optional<CoreSet> cores =
                policy.cores()
                        .or(() ->
                                policy.numaNode().isPresent()
                                        ? coresOf(policy.numaNode().getAsInt())
                                        : Optional.empty());
        if (cores.isPresent()) {
            boolean placed = ThreadAffinity.runOn(cores.get());
            if (placed) {
                log.debug("instance '{}' runs on cores {}", spec.name(), cores.get().text());
            } else {
                log.warn(
                        "instance '{}' runs on any core: the system does not let it run on cores {}"
                                + " alone, as host policy '{}' asks",
                        spec.name(),
                        cores.get().text(),
                        spec.hostPolicy());
            }
        }
        return cores.isPresent();
    }

    private static Optional<CoreSet> coresOf(int node) {
        Path list = NODES.resolve("node" + node).resolve("cpulist");
        try {
            return Optional.of(new CoreSet(Files.readString(list).strip()));
        } catch (IOException | IllegalArgumentException e) {
            log.warn("host policies cannot use NUMA node {}: no cores in {}", node, list);
            return Optional.empty();
        }
    }
}
