package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
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
            if (isForOthers(directory)) {
                continue;
            }
            OptionalLong version = number(directory);
            if (version.isPresent()) {
                versions.add(version.getAsLong());
            } else {
                log.warn("{}", ignored(directory));
            }
        }
        return versions;
    }

    /** Whether a directory of a model is meant for something else than a version. */
    static boolean isForOthers(String directory) {
        return OTHERS.contains(directory);
    }

    /** Says that a directory is no version. */
    static String ignored(String directory) {
        return "ignore version directory '"
                + directory
                + (directory.length() > 1 && directory.charAt(0) == '0'
                        ? "' which contains leading zeros in its directory name"
                        : "' which fails to convert to integral number");
    }

    /** Says that a version is to be served that is not there. */
    static String absent(String model, long version) {
        return "version "
                + version
                + " is specified for model '"
                + model
                + "', but the version directory is not present";
    }

    /**
     * The versions to serve, ascending.
     *
     * @param model name of the model
     * @throws InvalidConfigException if there are none
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
            throw new InvalidConfigException(
                    "version_policy",
                    "at least one version must be available under the version policy of model '"
                            + model
                            + "'",
                    new Advice(
                            "a version directory, named by a number such as 1, that the policy"
                                    + " selects",
                            existing.isEmpty() ? "no version directory" : "versions " + existing,
                            existing.isEmpty()
                                    ? "put the model file into a directory 1 in the model's"
                                            + " directory"
                                    : "correct version_policy"));
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
                log.error("{}", absent(model, version));
            }
        }
        wanted.retainAll(new HashSet<>(existing));
        return wanted.stream().toList();
    }
}
