package io.nereid.server.instances;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where threads of instances run.
 *
 * @param numaNode the NUMA node whose cores they run on, unless cores are named
 * @param cores the cores they run on
 */
record HostPolicy(OptionalInt numaNode, Optional<CoreSet> cores) {
    static final HostPolicy NONE = new HostPolicy(OptionalInt.empty(), Optional.empty());

    /**
     * This policy with one more setting.
     *
     * @throws IllegalArgumentException with the text for the user
     */
    HostPolicy with(String setting, String value) {
        return switch (setting) {
            case "numa-node" -> new HostPolicy(OptionalInt.of(node(value)), cores);
            case "cpu-cores" -> new HostPolicy(numaNode, Optional.of(new CoreSet(value)));
            default ->
                    throw new IllegalArgumentException(
                            "Unsupported host policy setting '"
                                    + setting
                                    + "' is specified, supported settings are 'numa-node',"
                                    + " 'cpu-cores'");
        };
    }

    private static int node(String value) {
        if (!value.matches("\\d{1,4}")) {
            throw new IllegalArgumentException(
                    "expected the number of a NUMA node, got '" + value + "'");
        }
        return Integer.parseInt(value);
    }
}
