package io.nereid.server.main;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * Reads the flags of an everyday start: each one spelled out, each with a value that it takes. It
 * knows the flags from the same declarations as picocli, but looks only at those that are given;
 * picocli models every flag first, which takes longer than all the rest until a server listens. It
 * gives up at anything else, which picocli then reads, or explains. Used by one thread.
 */
final class PlainFlags {
    private record Flag(Object owner, Field field, Option declared) {}

    private final Map<String, Flag> flags = new HashMap<>();

    private PlainFlags() {}

    /**
     * Sets the fields of a command, and of its groups of flags.
     *
     * @param command unused so far; of no use if the flags are not plain
     * @return whether all arguments are plain flags
     */
    static boolean read(Object command, List<String> arguments) {
        PlainFlags plain = new PlainFlags();
        try {
            plain.declare(command);
            int next = 0;
            while (next < arguments.size()) {
                int read = plain.read(arguments, next);
                if (read == 0) {
                    return false;
                }
                next += read;
            }
            return true;
        } catch (Exception e) {
            // A value that its converter does not take; picocli comes upon it again, and tells.
            return false;
        }
    }

    private void declare(Object owner) throws ReflectiveOperationException {
        for (Field field : owner.getClass().getDeclaredFields()) {
            Option option = field.getAnnotation(Option.class);
            if (option != null) {
                Flag flag = new Flag(owner, field, option);
                for (String name : option.names()) {
                    flags.put(name, flag);
                }
            } else if (field.isAnnotationPresent(ArgGroup.class)) {
                field.setAccessible(true);
                declare(field.get(owner));
            }
        }
    }

    /** Reads one flag; the result is the number of arguments that it took, 0 if it is not plain. */
    private int read(List<String> arguments, int at) throws Exception {
        String argument = arguments.get(at);
        int equals = argument.indexOf('=');
        if (equals >= 0) {
            return set(argument.substring(0, equals), argument.substring(equals + 1)) ? 1 : 0;
        }
        // What begins like this may be the next flag, or a file with arguments.
        boolean separate =
                at + 1 < arguments.size()
                        && !arguments.get(at + 1).startsWith("-")
                        && !arguments.get(at + 1).startsWith("@");
        Flag flag = flags.get(argument);
        if (!separate || flag == null || type(flag.field()).equals(Boolean.class)) {
            return 0;
        }
        return set(argument, arguments.get(at + 1)) ? 2 : 0;
    }

    private boolean set(String name, String value) throws Exception {
        Flag flag = flags.get(name);
        if (flag == null || value.isEmpty()) {
            return false;
        }
        Object read = convert(flag, value);
        if (read == null) {
            return false;
        }
        Field field = flag.field();
        field.setAccessible(true);
        if (field.getType().equals(List.class)) {
            @SuppressWarnings("unchecked") // all lists are of text
            List<Object> list = (List<Object>) field.get(flag.owner());
            list.add(read);
        } else {
            boolean optional = field.getType().equals(Optional.class);
            field.set(flag.owner(), optional ? Optional.of(read) : read);
        }
        return true;
    }

    /** The value of a flag; null if it takes more than a converter to read it. */
    private static @Nullable Object convert(Flag flag, String value) throws Exception {
        if (flag.declared().converter().length == 1) {
            ITypeConverter<?> converter =
                    flag.declared().converter()[0].getDeclaredConstructor().newInstance();
            return converter.convert(value);
        }
        Type type = type(flag.field());
        if (type.equals(String.class)) {
            return value;
        }
        return type.equals(Path.class) ? Path.of(value) : null;
    }

    /** What one value of a field is: the type of the field, or of what it holds. */
    private static Type type(Field field) {
        if (field.getGenericType() instanceof ParameterizedType holder) {
            return holder.getActualTypeArguments()[0];
        }
        return field.getType().equals(boolean.class) ? Boolean.class : field.getType();
    }
}
