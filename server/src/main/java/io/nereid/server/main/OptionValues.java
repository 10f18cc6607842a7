package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values on the command line are read (cli section 1). */
final class OptionValues {
    private static final Pattern NUMBER = Pattern.compile("\\s*([+-]?\\d+).*", Pattern.DOTALL);

    private static final Pattern DECIMAL =
            Pattern.compile(
                    "\\s*([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?).*", Pattern.DOTALL);

    private static final Pattern BYTES =
            Pattern.compile("(\\d+)\\s*([KMGT]?)(?:i?B)?", Pattern.CASE_INSENSITIVE);

    private OptionValues() {}

    /** {@code true|on|1} or {@code false|off|0}, in any letter case. */
    static final class Bool implements ITypeConverter<Boolean> {
        @Override
        public Boolean convert(String value) {
            return bool(value);
        }
    }

    /** A leading number; what follows it is ignored. */
    static final class Int implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            BigInteger number = number(value);
            if (number.bitLength() >= Integer.SIZE) {
                throw outOfBound(value);
            }
            return number.intValueExact();
        }
    }

    /** As {@link Int}, with 64 bits. */
    static final class Long64 implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            BigInteger number = number(value);
            if (number.bitLength() >= Long.SIZE) {
                throw outOfBound(value);
            }
            return number.longValueExact();
        }
    }

    /** A leading number with or without a fraction; what follows it is ignored. */
    static final class Decimal implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            Matcher matcher = DECIMAL.matcher(value);
            if (!matcher.matches()) {
                throw invalid(value);
            }
            return Double.valueOf(matcher.group(1));
        }
    }

    /** A level, or {@code true} for 1 and {@code false} for 0. */
    static final class Verbosity implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return NUMBER.matcher(value).matches() ? new Int().convert(value) : bool(value) ? 1 : 0;
        }
    }

    /** Bytes: a number, or one with K, M, G or T for powers of 1024. */
    static final class ByteSize implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            Matcher matcher = BYTES.matcher(value.strip());
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "expected a number of bytes such as 8G, 512M or 1073741824. Got " + value);
            }
            int power = "KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
            BigInteger bytes =
                    new BigInteger(matcher.group(1))
                            .shiftLeft(matcher.group(2).isEmpty() ? 0 : 10 * power);
            if (bytes.signum() == 0 || bytes.bitLength() >= Long.SIZE) {
                throw outOfBound(value);
            }
            return bytes.longValueExact();
        }
    }

    /** {@code lo-hi}. */
    static final class Range implements ITypeConverter<ServerOptions.PortRange> {
        @Override
        public ServerOptions.PortRange convert(String value) {
            int dash = value.indexOf('-');
            if (dash < 0) {
                throw new TypeConversionException(
                        "expected <lowest port>-<highest port>. Got " + value);
            }
            Int number = new Int();
            return new ServerOptions.PortRange(
                    number.convert(value.substring(0, dash)),
                    number.convert(value.substring(dash + 1)));
        }
    }

    private static boolean bool(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default -> throw new TypeConversionException("invalid value for bool option: " + value);
        };
    }

    private static BigInteger number(String value) {
        Matcher matcher = NUMBER.matcher(value);
        if (!matcher.matches()) {
            throw invalid(value);
        }
        return new BigInteger(matcher.group(1));
    }

    private static TypeConversionException invalid(String value) {
        return new TypeConversionException("Invalid option value. Got " + value);
    }

    private static TypeConversionException outOfBound(String value) {
        return new TypeConversionException("Provided option value is out of bound. Got " + value);
    }
}
