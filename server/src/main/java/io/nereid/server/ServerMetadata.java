package io.nereid.server;

import java.util.List;

/**
 * What the server says of itself (http section 5.1).
 *
 * @param name value of {@code --id}
 * @param version version of the reference that is followed
 * @param extensions protocol extensions, in the order of the specification
 */
public record ServerMetadata(String name, String version, List<String> extensions) {}
