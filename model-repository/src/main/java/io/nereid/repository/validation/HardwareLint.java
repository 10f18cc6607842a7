package io.nereid.repository.validation;

import io.nereid.protocol.Advice;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup.Kind;
import io.nereid.protocol.proto.ModelConfigProto.ModelOptimizationPolicy;
import io.nereid.protocol.proto.ModelConfigProto.ModelParameter;
import java.util.List;
import java.util.Map;

/** Finds settings for hardware that this machine lacks, or more threads than it has cores. */
public final class HardwareLint {
    /** Parameters by which engines are told the number of an instance's threads. */
    private static final List<String> THREADS =
            List.of("intra_op_thread_count", "TF_NUM_INTRA_THREADS");

    /** Parameters of GPUs, and some that the reference gave up. */
    private static final Map<String, List<String>> IGNORED =
            Map.of(
                    "onnxruntime",
                    List.of(
                            "cudnn_conv_algo_search",
                            "gpu_mem_limit",
                            "arena_extend_strategy",
                            "do_copy_in_default_stream"),
                    "fil",
                    List.of("algo", "threads_per_tree", "storage_type", "blocks_per_sm"));

    private final ModelConfig written;
    private final int cores;
    private final boolean gpus;
    private final Remarks remarks;

    private HardwareLint(ModelConfig written, int cores, boolean gpus, Remarks remarks) {
        this.written = written;
        this.cores = cores;
        this.gpus = gpus;
        this.remarks = remarks;
    }

    /**
     * Checks what was written.
     *
     * @param completed what the engine made of it
     * @param cores cores that the process may use
     * @param gpus whether there is a GPU
     */
    public static void check(
            ModelConfig written, ModelConfig completed, int cores, boolean gpus, Remarks remarks) {
        HardwareLint lint = new HardwareLint(written, cores, gpus, remarks);
        lint.checkGroups(completed);
        lint.checkOptimization(written.getOptimization());
        lint.checkParameters(completed.getBackend());
        if (written.getCcModelFilenamesCount() > 0 && !gpus) {
            lint.ignored("cc_model_filenames");
        }
    }

    private void checkGroups(ModelConfig completed) {
        int instances = 0;
        for (int i = 0; i < written.getInstanceGroupCount(); i++) {
            ModelInstanceGroup group = written.getInstanceGroup(i);
            String path = "instance_group[" + i + "]";
            instances += completed.getInstanceGroup(i).getCount();
            // An engine that cannot do without would have refused.
            if (group.getKind() == Kind.KIND_GPU && !gpus) {
                remarks.field(
                        FindingKind.EFFECT,
                        path + ".kind",
                        "model '" + written.getName() + "' computes on the CPU",
                        new Advice(
                                "a GPU",
                                "none",
                                "write kind: KIND_AUTO to mean a GPU where there is one"));
            }
            if (group.getSecondaryDevicesCount() > 0) {
                ignored(path + ".secondary_devices");
            }
        }
        checkThreads(instances);
    }

    private void checkThreads(int instances) {
        for (String name : THREADS) {
            ModelParameter none = ModelParameter.getDefaultInstance();
            int threads = number(written.getParametersOrDefault(name, none).getStringValue());
            if (threads > 0 && (long) threads * Math.max(1, instances) > cores) {
                tooMany(
                        "parameters[\"" + name + "\"]",
                        Math.max(1, instances) + " instances of " + threads + " threads");
                return;
            }
        }
        if (instances > cores) {
            tooMany("instance_group[0].count", instances + " instances");
        }
    }

    private void tooMany(String path, String found) {
        remarks.field(
                FindingKind.EFFECT,
                path,
                "instances of model '" + written.getName() + "' wait for each other's cores",
                new Advice(
                        "no more threads than the process has cores",
                        found,
                        "lower count, or the threads of an instance"));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException notOurs) {
            // The engine says so when it reads the parameter.
            return 0;
        }
    }

    private void checkOptimization(ModelOptimizationPolicy optimization) {
        if (gpus) {
            return;
        }
        if (optimization.hasCuda()) {
            ignored("optimization.cuda");
        }
        if (optimization.getGatherKernelBufferThreshold() != 0) {
            ignored("optimization.gather_kernel_buffer_threshold");
        }
        if (optimization.getEagerBatching()) {
            ignored("optimization.eager_batching");
        }
        if (optimization.getPriority() != ModelOptimizationPolicy.ModelPriority.PRIORITY_DEFAULT) {
            ignored("optimization.priority");
        }
        if (optimization.getExecutionAccelerators().getGpuExecutionAcceleratorCount() > 0) {
            ignored("optimization.execution_accelerators.gpu_execution_accelerator");
        }
    }

    private void checkParameters(String backend) {
        for (String name : IGNORED.getOrDefault(backend, List.of())) {
            if (!gpus && written.containsParameters(name)) {
                ignored("parameters[\"" + name + "\"]");
            }
        }
    }

    private void ignored(String path) {
        remarks.field(
                FindingKind.EFFECT,
                path,
                path + " is ignored in model '" + written.getName() + "'",
                new Advice(
                        "",
                        "a setting for GPUs, and no GPU",
                        "remove it, or leave it: it does" + " no harm"));
    }
}
