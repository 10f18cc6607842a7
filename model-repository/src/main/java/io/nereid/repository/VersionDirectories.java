package io.nereid.repository;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which versions a model has, and which of them are to be served (repository section 3). */
final class VersionDirectories {
    private static final Logger log = LoggerFactory.getLogger(VersionDirectories.class);

    /** Directories of a model that hold something else. */
    private static final Set<String> OTHERS = Set.of("warmup", "initial_state", "configs");

    private VersionDirectories() {}

    /** The version that a directory of this name holds; strict, unlike the reference. */
    static OptionalLong number(String directory) {
        if (!directory.matches("0|[1-9][0-9]*")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(directory));
        } catch (NumberFormatException beyondLong) {
            return OptionalLong.empty();
        }
    }

    /** Versions among a model's sub-directories; what is none is logged. */
    static SortedSet<Long> versions(List<String> directories) {
        SortedSet<Long> versions = new TreeSet<>();
        for (String directory : directories) {
            if (OTHERS.contains(directory)) {
                continue;
            }
            OptionalLong version = number(directory);
            if (version.isPresent()) {
                versions.add(version.getAsLong());
            } else if (directory.length() > 1 && directory.charAt(0) == '0') {
                log.warn(
                        "ignore version directory '{}' which contains leading zeros in its"
                                + " directory name",
                        directory);
            } else {
                log.warn(
                        "ignore version directory '{}' which fails to convert to integral number",
                        directory);
            }
        }
        return versions;
    }

    /**
     * The versions to serve, ascending.
     *
     * @param model name of the model
     * @throws StatusException INVALID_ARG if there are none
     */
    static List<Long> select(String model, ModelVersionPolicy policy, SortedSet<Long> existing) {
        List<Long> selected =
                switch (policy.getPolicyChoiceCase()) {
                    case ALL -> List.copyOf(existing);
                    case SPECIFIC -> specific(model, policy.getSpecific(), existing);
                    case LATEST -> latest(policy.getLatest().getNumVersions(), existing);
                    case POLICYCHOICE_NOT_SET -> latest(1, existing);
                };
        if (selected.isEmpty()) {
            throw StatusException.invalidArgument(
                    "at least one version must be available under the version policy of model '"
                            + model
                            + "'");
        }
        return selected;
    }

    private static List<Long> latest(int unsignedCount, SortedSet<Long> existing) {
        long skip = existing.size() - Integer.toUnsignedLong(unsignedCount);
        return existing.stream().skip(Math.max(0, skip)).toList();
    }

    private static List<Long> specific(
            String model, ModelVersionPolicy.Specific policy, SortedSet<Long> existing) {
        Set<Long> wanted = new TreeSet<>(policy.getVersionsList());
        for (long version : wanted) {
            if (!existing.contains(version)) {
                log.error(
                        "version {} is specified for model '{}', but the version directory is not"
                                + " present",
                        version,
                        model);
            }
        }
        wanted.retainAll(new HashSet<>(existing));
        return wanted.stream().toList();
    }
}
