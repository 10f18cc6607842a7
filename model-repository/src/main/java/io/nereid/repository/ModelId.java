package io.nereid.repository;

/**
 * What tells models apart inside the server (repository section 14): the name, and with namespacing
 * the repository before it.
 */
public final class ModelId {
    private static final String SEPARATOR = "::";

    private ModelId() {}

    /**
     * The identifier of a model.
     *
     * @param namespace path of its repository as it was given; empty without namespacing
     */
    public static String of(String namespace, String name) {
        return namespace.isEmpty() ? name : namespace + SEPARATOR + name;
    }
}
