package io.nereid.repository.agent;

import java.nio.file.Path;

/**
 * One load of a model, attended by an agent. After LOAD comes either {@link #loadFailed}, or {@link
 * #loadComplete}, {@link #unload} and {@link #unloadComplete}; nothing comes twice. {@link
 * #loadFailed} and {@link #unloadComplete} are the last: what was acquired for the model, such as a
 * directory, is released there. What these throw is logged and changes nothing.
 *
 * <p>Called on: control threads, one at a time for a model. May block.
 */
public interface AttendedModel {
    /**
     * The directory that the model is read from: the one of the request, or one that the agent has
     * acquired for it.
     */
    Path location();

    /** Action LOAD_COMPLETE: the model is in service. The last agent is called first. */
    default void loadComplete() {}

    /** Action LOAD_FAIL: the model could not be loaded. The last agent is called first. */
    default void loadFailed() {}

    /** Action UNLOAD: the model has gone out of service and may still answer what it accepted. */
    default void unload() {}

    /** Action UNLOAD_COMPLETE: the model has been closed. The last agent is called first. */
    default void unloadComplete() {}
}
