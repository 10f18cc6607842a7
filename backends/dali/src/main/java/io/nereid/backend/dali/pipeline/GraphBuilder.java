package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.operator.ArgumentValue;
import io.nereid.backend.dali.operator.Operator;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.proto.InputOutput;
import io.nereid.backend.dali.proto.OpDef;
import io.nereid.backend.dali.proto.PipelineDef;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the graph of one file (DALI section 3). Used once, by one thread. */
final class GraphBuilder {
    private static final Logger log = LoggerFactory.getLogger(GraphBuilder.class);
    private static final Set<String> INPUT_OPERATORS = Set.of("ExternalSource", "_ExternalSource");

    private final PipelineDef definition;
    private final OperatorRegistry registry;
    private final Map<String, Integer> slots = new HashMap<>();
    private final List<InputPort> inputs = new ArrayList<>();
    private final List<Integer> inputSlots = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    GraphBuilder(PipelineDef definition, OperatorRegistry registry) {
        this.definition = definition;
        this.registry = registry;
    }

    /**
     * @throws DaliException naming the operator at fault
     */
    Graph build() {
        for (String name : definition.getExternalInputsList()) {
            addInput(new InputPort(name, Optional.empty(), OptionalInt.empty(), ""), name);
        }
        for (OpDef op : definition.getOpList()) {
            try {
                add(op);
            } catch (DaliException e) {
                throw new DaliException(
                        "operator '" + op.getInstName() + "' (" + op.getName() + "): " + e.text(),
                        e);
            }
        }
        List<OutputPort> outputs = new ArrayList<>();
        List<Integer> outputSlots = new ArrayList<>();
        for (InputOutput output : definition.getPipeOutputsList()) {
            outputs.add(outputPort(output));
            outputSlots.add(slot(output.getName(), "output"));
        }
        if (outputs.isEmpty()) {
            throw new DaliException("the pipeline has no outputs");
        }
        return new Graph(
                definition.getBatchSize(),
                Math.clamp(definition.getNumThreads(), 1, Integer.MAX_VALUE),
                List.copyOf(inputs),
                List.copyOf(inputSlots),
                List.copyOf(outputs),
                List.copyOf(outputSlots),
                contributing(outputSlots),
                slots.size());
    }

    private void add(OpDef op) {
        Map<String, ArgumentValue> constants = new HashMap<>();
        op.getArgsList()
                .forEach(argument -> constants.put(argument.getName(), Arguments.value(argument)));
        List<Integer> positional = new ArrayList<>();
        Map<String, Integer> arguments = new HashMap<>();
        for (InputOutput input : op.getInputList()) {
            int slot = slot(input.getName(), "input");
            if (input.getIsArgumentInput()) {
                arguments.put(input.getArgName(), slot);
            } else {
                positional.add(slot);
            }
        }
        OperatorSpec spec =
                new OperatorSpec(op.getName(), positional.size(), constants, arguments.keySet());
        if (INPUT_OPERATORS.contains(op.getName())) {
            addInputOperator(op, spec);
        } else {
            Operator operator = registry.compile(spec);
            nodes.add(
                    new Node(
                            operator,
                            OperatorNames.errorLabel(spec),
                            positional,
                            arguments,
                            newSlots(op),
                            List.of()));
        }
        if (!spec.unknown().isEmpty()) {
            log.warn(
                    "operator '{}' ({}): arguments without effect: {}",
                    op.getInstName(),
                    op.getName(),
                    spec.unknown());
        }
    }

    private void addInputOperator(OpDef op, OperatorSpec spec) {
        if (op.getOutputCount() != 1) {
            throw new DaliException("an input must have one output, not " + op.getOutputCount());
        }
        String tensor = op.getOutput(0).getName();
        long rank = spec.integer("ndim", -1);
        String layout = spec.text("layout").orElse("");
        String name = op.getInstName().isEmpty() ? tensor : op.getInstName();
        OptionalInt declared =
                rank >= 0
                        ? OptionalInt.of((int) rank)
                        : layout.isEmpty() ? OptionalInt.empty() : OptionalInt.of(layout.length());
        addInput(new InputPort(name, spec.type("dtype"), declared, layout), tensor);
    }

    private void addInput(InputPort port, String tensor) {
        if (inputs.stream().anyMatch(other -> other.name().equals(port.name()))) {
            throw new DaliException("there is more than one input named '" + port.name() + "'");
        }
        inputs.add(port);
        inputSlots.add(newSlot(tensor));
    }

    private static OutputPort outputPort(InputOutput output) {
        return new OutputPort(
                output.getName(),
                output.getDtype() < 0
                        ? Optional.empty()
                        : Optional.of(ElementType.ofId(output.getDtype())),
                output.getNdim() < 0 ? OptionalInt.empty() : OptionalInt.of(output.getNdim()));
    }

    private List<Integer> newSlots(OpDef op) {
        List<Integer> made = new ArrayList<>();
        for (InputOutput output : op.getOutputList()) {
            made.add(newSlot(output.getName()));
        }
        return made;
    }

    private int newSlot(String tensor) {
        int slot = slots.size();
        if (slots.putIfAbsent(tensor, slot) != null) {
            throw new DaliException("the tensor '" + tensor + "' is made more than once");
        }
        return slot;
    }

    private int slot(String tensor, String role) {
        Integer slot = slots.get(tensor);
        if (slot == null) {
            throw new DaliException(
                    role + " '" + tensor + "' is not made by any operator before it");
        }
        return slot;
    }

    /** Nodes that some output needs, each with the tensors that it is the last to read. */
    private List<Node> contributing(List<Integer> outputSlots) {
        BitSet needed = new BitSet();
        outputSlots.forEach(needed::set);
        List<Node> kept = new ArrayList<>();
        for (Node node : nodes.reversed()) {
            if (node.outputs().stream().noneMatch(needed::get)) {
                continue;
            }
            List<Integer> lastUses = new ArrayList<>();
            List<Integer> read = new ArrayList<>(node.inputs());
            read.addAll(node.arguments().values());
            for (int slot : read) {
                if (!needed.get(slot)) {
                    needed.set(slot);
                    lastUses.add(slot);
                }
            }
            kept.add(node.withLastUses(lastUses));
        }
        return List.copyOf(kept.reversed());
    }
}
