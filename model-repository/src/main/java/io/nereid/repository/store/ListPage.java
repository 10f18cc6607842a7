package io.nereid.repository.store;

import java.util.List;
import java.util.Optional;

/**
 * Some of the objects below a prefix.
 *
 * @param objects in the store's order
 * @param next what to ask the next page with; empty after the last
 */
public record ListPage(List<StoredObject> objects, Optional<String> next) {
    /** Copies the list. */
    public ListPage {
        objects = List.copyOf(objects);
    }
}
