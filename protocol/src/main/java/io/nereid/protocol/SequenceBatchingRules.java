package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules of {@code sequence_batching} but for its states (model-config section 7.2). */
final class SequenceBatchingRules {
    private static final String FIELD = "sequence_batching";
    private static final String VALUE_LISTS =
            "'int32_false_true', 'fp32_false_true' and 'bool_false_true'";
    private static final String ANY_VALUE_LIST =
            "'int32_false_true', 'fp32_false_true' or 'bool_false_true'";
    private static final Set<ModelConfigProto.DataType> CORRELATION_TYPES =
            EnumSet.of(
                    ModelConfigProto.DataType.TYPE_UINT64,
                    ModelConfigProto.DataType.TYPE_INT64,
                    ModelConfigProto.DataType.TYPE_UINT32,
                    ModelConfigProto.DataType.TYPE_INT32,
                    ModelConfigProto.DataType.TYPE_STRING);

    private final ModelConfigProto.ModelConfig message;
    private final ModelConfigProto.ModelSequenceBatching batching;

    private SequenceBatchingRules(ModelConfigProto.ModelConfig message) {
        this.message = message;
        this.batching = message.getSequenceBatching();
    }

    static void check(ModelConfigProto.ModelConfig message) {
        if (message.hasSequenceBatching()) {
            new SequenceBatchingRules(message).check();
        }
    }

    private void check() {
        if (message.getResponseCache().getEnable()) {
            throw new InvalidConfigException(
                    "response_cache",
                    "Response Cache does not currently support model "
                            + message.getName()
                            + " with sequence batching scheduler. Please disable the response"
                            + " cache.");
        }
        for (Control.Kind kind :
                List.of(
                        Control.Kind.CONTROL_SEQUENCE_START,
                        Control.Kind.CONTROL_SEQUENCE_END,
                        Control.Kind.CONTROL_SEQUENCE_READY,
                        Control.Kind.CONTROL_SEQUENCE_CORRID)) {
            checkControls(kind);
        }
        checkOldest();
        float utilization = batching.getDirect().getMinimumSlotUtilization();
        if (!(utilization >= 0 && utilization <= 1)) {
            throw broken(
                    ".direct.minimum_slot_utilization",
                    "sequence batching minimum slot utilization must be in range (0.0, 1.0]");
        }
    }

    private void checkControls(Control.Kind kind) {
        Set<String> tensors = new HashSet<>();
        boolean found = false;
        for (int i = 0; i < batching.getControlInputCount(); i++) {
            ControlInput input = batching.getControlInput(i);
            String path = ".control_input[" + i + "]";
            if (input.getName().isEmpty()) {
                throw broken(path, "sequence batching control tensor must have a name");
            }
            if (!tensors.add(input.getName())) {
                throw broken(
                        path + ".name",
                        "sequence batching control tensor '"
                                + input.getName()
                                + "' is specified for multiple control kinds");
            }
            for (int k = 0; k < input.getControlCount(); k++) {
                Control control = input.getControl(k);
                if (control.getKind() != kind) {
                    continue;
                }
                String controlPath = path + ".control[" + k + "]";
                if (found) {
                    throw broken(
                            controlPath,
                            "sequence batching specifies multiple " + kind + " tensors");
                }
                found = true;
                checkControl(control, controlPath);
            }
        }
    }

    private void checkControl(Control control, String path) {
        int lists =
                (control.getInt32FalseTrueCount() > 0 ? 1 : 0)
                        + (control.getFp32FalseTrueCount() > 0 ? 1 : 0)
                        + (control.getBoolFalseTrueCount() > 0 ? 1 : 0);
        if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
            checkCorrelation(control, lists, path);
            return;
        }
        if (lists == 0) {
            throw broken(
                    path,
                    "sequence batching must specify either "
                            + ANY_VALUE_LIST
                            + " for "
                            + control.getKind());
        }
        if (lists > 1) {
            throw broken(
                    path,
                    "sequence batching specifies more than one from "
                            + VALUE_LISTS
                            + " for "
                            + control.getKind());
        }
        checkTwo(control, "int32_false_true", control.getInt32FalseTrueCount(), path);
        checkTwo(control, "fp32_false_true", control.getFp32FalseTrueCount(), path);
        checkTwo(control, "bool_false_true", control.getBoolFalseTrueCount(), path);
    }

    private void checkTwo(Control control, String list, int count, String path) {
        if (count != 0 && count != 2) {
            throw broken(
                    path + "." + list,
                    "sequence batching control '"
                            + list
                            + "' must have exactly 2 entries for "
                            + control.getKind());
        }
    }

    private void checkCorrelation(Control control, int lists, String path) {
        if (lists > 0) {
            throw broken(
                    path,
                    "sequence batching must not specify either "
                            + ANY_VALUE_LIST
                            + " for CONTROL_SEQUENCE_CORRID");
        }
        if (!CORRELATION_TYPES.contains(control.getDataType())) {
            throw new InvalidConfigException(
                    FIELD + path + ".data_type",
                    "unexpected data type for control CONTROL_SEQUENCE_CORRID for "
                            + message.getName()
                            + ". Allowed data types are TYPE_UINT64, TYPE_INT64, TYPE_UINT32,"
                            + " TYPE_INT32 and TYPE_STRING");
        }
    }

    private void checkOldest() {
        List<Integer> sizes = batching.getOldest().getPreferredBatchSizeList();
        for (int i = 0; i < sizes.size(); i++) {
            String path = ".oldest.preferred_batch_size[" + i + "]";
            if (sizes.get(i) <= 0) {
                throw broken(path, "sequence batching preferred batch size must be positive");
            }
            if (sizes.get(i) > message.getMaxBatchSize()) {
                throw broken(
                        path, "sequence batching preferred batch size must be <= max batch size");
            }
        }
    }

    private InvalidConfigException broken(String path, String text) {
        return new InvalidConfigException(FIELD + path, text + " for " + message.getName());
    }
}
