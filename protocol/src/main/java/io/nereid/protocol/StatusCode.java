package io.nereid.protocol;

/**
 * Class of an error as a client is told it. The only table of HTTP statuses and gRPC codes (HTTP
 * protocol section 3, gRPC protocol section 2).
 */
public enum StatusCode {
    UNKNOWN("Unknown", 400, 2),
    INTERNAL("Internal", 500, 13),
    NOT_FOUND("Not found", 404, 5),
    INVALID_ARG("Invalid argument", 400, 3),
    UNAVAILABLE("Unavailable", 503, 14),
    UNSUPPORTED("Unsupported", 501, 12),
    ALREADY_EXISTS("Already exists", 400, 6),
    CANCELLED("Cancelled", 400, 1),
    /** Overload, where {@code --overload-status} asks for it; Triton has no such class. */
    RESOURCE_EXHAUSTED("Resource exhausted", 429, 8),
    /** The time that the client gave is over; Triton has no such class. */
    DEADLINE_EXCEEDED("Deadline exceeded", 504, 4);

    private final String label;
    private final int httpStatus;
    private final int grpcCode;

    StatusCode(String label, int httpStatus, int grpcCode) {
        this.label = label;
        this.httpStatus = httpStatus;
        this.grpcCode = grpcCode;
    }

    /** The name in logs and in the reasons of the repository index, such as {@code Not found}. */
    public String label() {
        return label;
    }

    /** Status of an HTTP answer. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Numeric gRPC status code. */
    public int grpcCode() {
        return grpcCode;
    }
}
