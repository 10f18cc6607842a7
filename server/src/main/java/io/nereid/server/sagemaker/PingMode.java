package io.nereid.server.sagemaker;

/** What {@code /ping} tells (SageMaker section 5). */
public enum PingMode {
    /** Whether every model is ready. */
    READY,
    /** Whether the process works. */
    LIVE;

    /** The mode of that name; anything but {@code live} is the default, as for the reference. */
    public static PingMode of(String name) {
        return name.equals("live") ? LIVE : READY;
    }
}
