package io.nereid.protocol;

/** Value of a request or response parameter (KServe v2 "parameters" with Triton's extensions). */
public sealed interface Parameter {
    /** A JSON boolean, {@code bool_param}. */
    record BoolValue(boolean value) implements Parameter {}

    /** A JSON integer, {@code int64_param}. */
    record Int64Value(long value) implements Parameter {}

    /** {@code uint64_param}; the bits of an unsigned number. */
    record UInt64Value(long value) implements Parameter {}

    /** A JSON number with fraction or exponent, {@code double_param}. */
    record DoubleValue(double value) implements Parameter {}

    /** A JSON string, {@code string_param}. */
    record StringValue(String value) implements Parameter {}
}
