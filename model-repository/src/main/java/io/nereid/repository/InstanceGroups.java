package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Completes and checks instance groups (model-config sections 8.2 and 8.3). */
final class InstanceGroups {
    private static final Advice NO_GPU =
            new Advice(
                    "KIND_CPU, or KIND_AUTO for a GPU where there is one",
                    "KIND_GPU, and no GPU",
                    "write kind: KIND_AUTO, or remove instance_group");

    private final GpuInventory gpus;

    InstanceGroups(GpuInventory gpus) {
        this.gpus = gpus;
    }

    /**
     * The configuration with complete groups.
     *
     * @param config not an ensemble's
     * @param cpuCount instances of a group on a CPU that gives no count
     * @param anyDevice whether the engine computes on the CPU whatever it is asked for
     * @throws InvalidConfigException if a group breaks a rule
     */
    ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, int cpuCount, boolean anyDevice) {
        ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
        if (config.getInstanceGroupCount() == 0) {
            builder.addInstanceGroup(
                    ModelInstanceGroup.newBuilder().setName(config.getName()).build());
        }
        for (int i = 0; i < builder.getInstanceGroupCount(); i++) {
            ModelInstanceGroup.Builder group = builder.getInstanceGroupBuilder(i);
            if (group.getName().isEmpty()) {
                group.setName(config.getName() + "_" + i);
            }
            if (anyDevice && gpus.usableIds().isEmpty() && group.getKind() == Kind.KIND_GPU) {
                group.setKind(Kind.KIND_CPU).clearGpus();
            }
            complete(group, cpuCount);
        }
        ModelConfigProto.ModelConfig completed = builder.build();
        for (int i = 0; i < completed.getInstanceGroupCount(); i++) {
            check(completed, completed.getInstanceGroup(i), "instance_group[" + i + "]");
        }
        checkAnyActive(completed);
        return completed;
    }

    /** Requests would wait for ever. */
    private static void checkAnyActive(ModelConfigProto.ModelConfig config) {
        if (config.getInstanceGroupList().stream().allMatch(ModelInstanceGroup::getPassive)) {
            throw new InvalidConfigException(
                    "instance_group[0].passive",
                    "all instances of model "
                            + config.getName()
                            + " are passive, none would take its requests",
                    Advice.fix("remove passive from one instance group"));
        }
    }

    private void complete(ModelInstanceGroup.Builder group, int cpuCount) {
        if (group.getKind() == Kind.KIND_AUTO) {
            boolean gpu =
                    !gpus.usableIds().isEmpty()
                            && new HashSet<>(gpus.usableIds()).containsAll(group.getGpusList());
            group.setKind(gpu ? Kind.KIND_GPU : Kind.KIND_CPU);
        }
        if (group.getCount() < 1) {
            group.setCount(group.getKind() == Kind.KIND_CPU ? cpuCount : 1);
        }
        if (group.getKind() == Kind.KIND_GPU && group.getGpusCount() == 0) {
            group.addAllGpus(gpus.usableIds());
        }
    }

    private void check(ModelConfigProto.ModelConfig config, ModelInstanceGroup group, String path) {
        String subject = "instance group " + group.getName() + " of model " + config.getName();
        switch (group.getKind()) {
            case KIND_MODEL, KIND_CPU -> {
                if (group.getGpusCount() > 0) {
                    throw new InvalidConfigException(
                            path + ".gpus",
                            subject
                                    + " has kind "
                                    + group.getKind()
                                    + " but specifies one or more GPUs",
                            Advice.fix("remove gpus, or write kind: KIND_GPU"));
                }
            }
            case KIND_GPU -> checkGpus(group, path, subject);
            case KIND_AUTO, UNRECOGNIZED ->
                    throw new InvalidConfigException(
                            path + ".kind", subject + " has an unknown kind");
        }
        checkProfiles(config, group, path, subject);
    }

    private void checkGpus(ModelInstanceGroup group, String path, String subject) {
        if (!gpus.supported()) {
            throw new InvalidConfigException(
                    path + ".kind",
                    subject + " has kind KIND_GPU but server does not support GPUs",
                    NO_GPU);
        }
        if (group.getGpusCount() == 0) {
            throw new InvalidConfigException(
                    path + ".kind",
                    subject + " has kind KIND_GPU but no GPUs are available",
                    NO_GPU);
        }
        for (int i = 0; i < group.getGpusCount(); i++) {
            if (!gpus.usableIds().contains(group.getGpus(i))) {
                throw new InvalidConfigException(
                        path + ".gpus[" + i + "]",
                        subject
                                + " specifies invalid or unsupported gpu id "
                                + group.getGpus(i)
                                + ". GPUs with at least the minimum required CUDA compute"
                                + " compatibility of "
                                + String.format(Locale.ROOT, "%f", gpus.minimumComputeCapability())
                                + " are: "
                                + joined(gpus.usableIds()),
                        new Advice(
                                "one of " + joined(gpus.usableIds()),
                                String.valueOf(group.getGpus(i)),
                                "remove gpus to use all of them"));
            }
        }
    }

    private static String joined(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static void checkProfiles(
            ModelConfigProto.ModelConfig config,
            ModelInstanceGroup group,
            String path,
            String subject) {
        boolean tensorRt = config.getPlatform().equals("tensorrt_plan");
        for (int i = 0; i < group.getProfileCount(); i++) {
            String profile = group.getProfile(i);
            if (!tensorRt) {
                // The missing blank is the reference's.
                throw new InvalidConfigException(
                        path + ".profile[" + i + "]",
                        subject
                                + " and platform "
                                + config.getPlatform()
                                + "specifies profile field which is only supported for TensorRT"
                                + " models",
                        Advice.fix("remove profile"));
            }
            if (!profile.matches("\\d+")) {
                throw new InvalidConfigException(
                        path + ".profile[" + i + "]",
                        subject
                                + " and platform "
                                + config.getPlatform()
                                + " specifies invalid profile "
                                + profile
                                + ". The field should contain the string representation of a"
                                + " non-negative integer.");
            }
        }
    }
}
