package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

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
    private final Consumer<InvalidConfigException> breaches;

    private SequenceBatchingRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.batching = message.getSequenceBatching();
        this.breaches = breaches;
    }

    static void check(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        if (message.hasSequenceBatching()) {
            new SequenceBatchingRules(message, breaches).check();
        }
    }

    private void check() {
        if (message.getResponseCache().getEnable()) {
            breaches.accept(
                    new InvalidConfigException(
                            "response_cache",
                            "Response Cache does not currently support model "
                                    + message.getName()
                                    + " with sequence batching scheduler. Please disable the"
                                    + " response cache.",
                            new Advice(
                                    "sequence_batching or a response cache",
                                    "both",
                                    "remove response_cache")));
        }
        Set<String> names = new HashSet<>();
        // With the first kind the names are looked at, too, as in the reference.
        for (Control.Kind kind :
                List.of(
                        Control.Kind.CONTROL_SEQUENCE_START,
                        Control.Kind.CONTROL_SEQUENCE_END,
                        Control.Kind.CONTROL_SEQUENCE_READY,
                        Control.Kind.CONTROL_SEQUENCE_CORRID)) {
            checkControls(kind, names);
        }
        PreferredSizes.check(
                batching.getOldest().getPreferredBatchSizeList(),
                message.getMaxBatchSize(),
                (index, text, advice) ->
                        broken(
                                ".oldest.preferred_batch_size[" + index + "]",
                                "sequence batching preferred batch size " + text,
                                advice));
        float utilization = batching.getDirect().getMinimumSlotUtilization();
        if (!(utilization >= 0 && utilization <= 1)) {
            broken(
                    ".direct.minimum_slot_utilization",
                    "sequence batching minimum slot utilization must be in range (0.0, 1.0]",
                    new Advice(
                            "a part of the slots, up to 1.0",
                            String.valueOf(utilization),
                            "write 0.5 for half of the slots"));
        }
    }

    private void checkControls(Control.Kind kind, Set<String> names) {
        boolean found = false;
        for (int i = 0; i < batching.getControlInputCount(); i++) {
            ControlInput input = batching.getControlInput(i);
            if (kind == Control.Kind.CONTROL_SEQUENCE_START) {
                checkName(input.getName(), ".control_input[" + i + "]", names);
            }
            for (int k = 0; k < input.getControlCount(); k++) {
                Control control = input.getControl(k);
                if (control.getKind() != kind) {
                    continue;
                }
                String path = ".control_input[" + i + "].control[" + k + "]";
                if (found) {
                    broken(
                            path,
                            "sequence batching specifies multiple " + kind + " tensors",
                            new Advice("one tensor", "one more", "remove all but one"));
                }
                found = true;
                checkControl(control, path);
            }
        }
    }

    private void checkName(String name, String path, Set<String> names) {
        if (name.isEmpty()) {
            broken(
                    path,
                    "sequence batching control tensor must have a name",
                    new Advice(
                            "the name of the model's input for the control",
                            "an entry without name",
                            "add name: \"...\" to this control_input"));
        } else if (!names.add(name)) {
            broken(
                    path + ".name",
                    "sequence batching control tensor '"
                            + name
                            + "' is specified for multiple control kinds",
                    new Advice(
                            "one control_input for each tensor",
                            "'" + name + "' again",
                            "remove this control_input, or correct its name"));
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
            broken(
                    path,
                    "sequence batching must specify either "
                            + ANY_VALUE_LIST
                            + " for "
                            + control.getKind(),
                    new Advice(
                            "the values for false and true, in the type of the model's input",
                            "none",
                            "add for instance int32_false_true: [ 0, 1 ]"));
        }
        if (lists > 1) {
            broken(
                    path,
                    "sequence batching specifies more than one from "
                            + VALUE_LISTS
                            + " for "
                            + control.getKind(),
                    new Advice(
                            "one list",
                            lists + " lists",
                            "keep the list in the type of the model's input"));
        }
        checkTwo(control, "int32_false_true", control.getInt32FalseTrueCount(), path);
        checkTwo(control, "fp32_false_true", control.getFp32FalseTrueCount(), path);
        checkTwo(control, "bool_false_true", control.getBoolFalseTrueCount(), path);
    }

    private void checkTwo(Control control, String list, int count, String path) {
        if (count != 0 && count != 2) {
            broken(
                    path + "." + list,
                    "sequence batching control '"
                            + list
                            + "' must have exactly 2 entries for "
                            + control.getKind(),
                    new Advice(
                            "the value for false, then the value for true",
                            count == 1 ? "1 entry" : count + " entries",
                            "write two values, for instance [ 0, 1 ]"));
        }
    }

    private void checkCorrelation(Control control, int lists, String path) {
        if (lists > 0) {
            broken(
                    path,
                    "sequence batching must not specify either "
                            + ANY_VALUE_LIST
                            + " for CONTROL_SEQUENCE_CORRID",
                    new Advice(
                            "a data_type only",
                            "values for false and true",
                            "replace the values by data_type"));
        }
        if (!CORRELATION_TYPES.contains(control.getDataType())) {
            breaches.accept(
                    new InvalidConfigException(
                            FIELD + path + ".data_type",
                            "unexpected data type for control CONTROL_SEQUENCE_CORRID for "
                                    + message.getName()
                                    + ". Allowed data types are TYPE_UINT64, TYPE_INT64,"
                                    + " TYPE_UINT32, TYPE_INT32 and TYPE_STRING",
                            new Advice(
                                    "one of these types",
                                    control.getDataType().toString(),
                                    "add data_type: TYPE_UINT64, or the type of the model's"
                                            + " input")));
        }
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(
                new InvalidConfigException(
                        FIELD + path, text + " for " + message.getName(), advice));
    }
}
