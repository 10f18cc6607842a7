package io.nereid.repository;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A line of the repository index.
 *
 * @param name model
 * @param version version; empty if no version was ever loaded or tried
 * @param state state; empty if no version was ever loaded or tried
 * @param reason why the version is in that state; may be empty
 */
public record IndexEntry(
        String name, OptionalLong version, Optional<VersionState> state, String reason) {}
