package io.nereid.repository;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.TextFormat;
import io.nereid.protocol.Advice;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.ConfigSyntaxException.Problem;
import io.nereid.repository.validation.TextPosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what protobuf's parser says of a text into words for whoever wrote it. */
final class SyntaxProblems {
    private static final String UNKNOWN_FIELDS = "Input contains unknown fields";
    private static final Pattern UNKNOWN_FIELD =
            Pattern.compile("(\\d+):(\\d+):\\t(?:inference\\.)?(\\S+)\\.(\\S+)");
    private static final Pattern ENUM =
            Pattern.compile("Enum type \"inference\\.(\\S+)\" has no value named \"(.*)\"\\.");
    private static final Pattern TWICE =
            Pattern.compile("Non-repeated field \"\\S*?(\\w+)\" cannot be overwritten\\.");
    private static final Pattern ONE_OF =
            Pattern.compile(
                    "Field \"\\S*?(\\w+)\" is specified along with field \"\\S*?(\\w+)\", .*");
    private static final Pattern NUMBER = Pattern.compile("Couldn't parse (integer|number): .*");
    private static final Names NAMES = Names.of(ModelConfigProto.ModelConfig.getDescriptor());

    /** Everything that a configuration can be made of, by name. */
    private record Names(Map<String, Descriptor> messages, Map<String, EnumDescriptor> enums) {
        static Names of(Descriptor root) {
            Names names = new Names(new HashMap<>(), new HashMap<>());
            names.add(root);
            return names;
        }

        private void add(Descriptor message) {
            if (messages.putIfAbsent(shortName(message.getFullName()), message) != null) {
                return;
            }
            for (FieldDescriptor field : message.getFields()) {
                switch (field.getJavaType()) {
                    case MESSAGE -> add(field.getMessageType());
                    case ENUM ->
                            enums.put(
                                    shortName(field.getEnumType().getFullName()),
                                    field.getEnumType());
                    case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> {}
                }
            }
        }
    }

    private final String text;

    private SyntaxProblems(String text) {
        this.text = text;
    }

    /** What is wrong with a text that the parser refused; at least one thing. */
    static List<Problem> of(String text, TextFormat.ParseException failure) {
        return new SyntaxProblems(text).of(failure);
    }

    private List<Problem> of(TextFormat.ParseException failure) {
        String message = String.valueOf(failure.getMessage());
        String place = failure.getLine() + ":" + failure.getColumn() + ": ";
        String detail = message.startsWith(place) ? message.substring(place.length()) : message;
        if (detail.startsWith(UNKNOWN_FIELDS)) {
            return detail.lines()
                    .map(UNKNOWN_FIELD::matcher)
                    .filter(Matcher::matches)
                    .map(SyntaxProblems::unknownField)
                    .toList();
        }
        TextPosition position = new TextPosition(failure.getLine(), failure.getColumn());
        return List.of(of(detail, Optional.of(position)));
    }

    private Problem of(String detail, Optional<TextPosition> position) {
        if (detail.indexOf('\uFEFF') >= 0) {
            return new Problem(
                    position,
                    "",
                    "the file begins with a byte-order mark, save it as UTF-8 without one",
                    Advice.fix("save the file as UTF-8 without byte-order mark"));
        }
        Matcher value = ENUM.matcher(detail);
        if (value.matches()) {
            return new Problem(position, "", detail, unknownValue(value.group(1), value.group(2)));
        }
        Matcher twice = TWICE.matcher(detail);
        if (twice.matches()) {
            return new Problem(position, twice.group(1), detail, twice(twice.group(1)));
        }
        Matcher oneOf = ONE_OF.matcher(detail);
        if (oneOf.matches()) {
            return new Problem(
                    position, oneOf.group(1), detail, oneOf(oneOf.group(1), oneOf.group(2)));
        }
        return new Problem(position, "", detail, plain(detail, position));
    }

    private static Problem unknownField(Matcher found) {
        String message = found.group(3);
        String field = found.group(4);
        Set<String> known = new TreeSet<>();
        Descriptor type = NAMES.messages().get(message);
        if (type != null) {
            type.getFields().forEach(each -> known.add(each.getName()));
        }
        return new Problem(
                Optional.of(
                        new TextPosition(
                                Integer.parseInt(found.group(1)),
                                Integer.parseInt(found.group(2)))),
                field,
                "unknown field \"" + field + "\" in " + message,
                new Advice(
                        "a field of " + message,
                        field,
                        Suggestions.rename(
                                field,
                                known,
                                elsewhere(field)
                                        .orElse("remove it, or write one of: " + listed(known)))));
    }

    /** A field that exists, but in another message. */
    private static Optional<String> elsewhere(String field) {
        Set<String> homes = new TreeSet<>();
        for (Descriptor message : NAMES.messages().values()) {
            message.getFields().stream()
                    .filter(each -> each.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                    .filter(each -> each.getMessageType().findFieldByName(field) != null)
                    .forEach(each -> homes.add(each.getName()));
        }
        return homes.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "move it into "
                                + String.join(" or ", homes)
                                + "; look for a brace that closes too early or too late");
    }

    private static Advice unknownValue(String type, String written) {
        Set<String> known = new HashSet<>();
        EnumDescriptor values = NAMES.enums().get(type);
        if (values != null) {
            values.getValues().stream().map(EnumValueDescriptor::getName).forEach(known::add);
        }
        known.remove("TYPE_INVALID");
        return new Advice(
                "one of " + listed(known),
                written,
                Suggestions.nearestValue(written, known)
                        .map(meant -> "did you mean " + meant + "? Write it in place of " + written)
                        .orElse("write one of these values"));
    }

    private static Advice twice(String field) {
        return new Advice(
                field + " once", field + " a second time", "remove one of the two " + field);
    }

    private static Advice oneOf(String second, String first) {
        return new Advice("one of " + first + " and " + second, "both", "remove one of the two");
    }

    private Advice plain(String detail, Optional<TextPosition> position) {
        if (detail.startsWith("Expected \"}\".") || detail.startsWith("Expected \">\".")) {
            return unclosed()
                    .map(open ->
                            new Advice(
                                    "a closing brace",
                                    "the end of the file",
                                    "close the block that is opened at " + open))
                    .orElse(Advice.fix("close the block with }"));
        }
        String before = position.map(this::before).orElse("");
        boolean refused = detail.startsWith("Expected") || detail.startsWith("Couldn't");
        if (before.endsWith(",") && refused) {
            return new Advice(
                    "another element after the comma",
                    "the end of the list",
                    "remove the comma before the bracket");
        }
        if (detail.startsWith("Expected \":\".")) {
            return new Advice("a colon after the field's name", "none", "write name: value");
        }
        if (detail.startsWith("String missing ending quote.")) {
            return new Advice("a closing quote in the same line", "none", "close the string");
        }
        if (detail.startsWith("Expected \"true\" or \"false\".")) {
            return Advice.fix("write true or false, in lower case");
        }
        if (NUMBER.matcher(detail).matches()) {
            return new Advice(
                    "a whole number of the field's size, without quotes or point",
                    "",
                    "write for instance 8");
        }
        if (detail.endsWith("Found '/'")) {
            return new Advice("the name of a field", "/", "begin comments with #");
        }
        if (before.isEmpty() && detail.endsWith("Found '{'")) {
            return new Advice(
                    "the name of a field",
                    "{, as JSON begins",
                    "leave out the outer braces, the quotes around names and the commas");
        }
        if (detail.startsWith("Expected identifier.")) {
            return new Advice(
                    "the name of a field",
                    "",
                    "comments begin with #; braces, brackets and quotes must match");
        }
        return Advice.NONE;
    }

    /** Where the innermost block begins that the text does not close. */
    private Optional<TextPosition> unclosed() {
        Deque<TextPosition> open = new ArrayDeque<>();
        TextFormatLexer lexer = new TextFormatLexer(text);
        while (lexer.kind() != TextFormatLexer.Kind.END) {
            if (lexer.at('{') || lexer.at('<')) {
                open.push(lexer.position());
            } else if (lexer.at('}') || lexer.at('>')) {
                open.poll();
            }
            lexer.advance();
        }
        return Optional.ofNullable(open.peek());
    }

    /** What stands before a place, in as many lines as it takes, without blanks at its end. */
    private String before(TextPosition position) {
        int end = 0;
        for (int line = 1; line < position.line() && end >= 0; line++) {
            end = text.indexOf('\n', end) + 1;
        }
        end = Math.min(text.length(), end + position.column() - 1);
        return text.substring(Math.max(0, end - 200), end).stripTrailing();
    }

    private static String shortName(String fullName) {
        return fullName.substring(fullName.indexOf('.') + 1);
    }

    private static String listed(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }
}
