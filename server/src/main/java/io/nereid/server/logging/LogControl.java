package io.nereid.server.logging;

/**
 * Settings of the log that can be read and changed while the server runs (http section 9). Never
 * blocks. Called on: any thread.
 */
public interface LogControl {
    /**
     * What is logged, and how.
     *
     * @param file file that lines are appended to; empty for the standard streams
     * @param verboseLevel 0 for none
     * @param format the name of a {@link LogFormat}
     */
    record Settings(
            String file,
            boolean info,
            boolean warning,
            boolean error,
            int verboseLevel,
            String format) {}

    /** The settings in effect. */
    Settings settings();

    /** Puts settings into force; the file cannot be changed. */
    void update(Settings settings);
}
