package io.nereid.repository.store;

import java.time.Instant;

/**
 * An object as a store lists it.
 *
 * @param key its name in the bucket
 * @param size in bytes
 * @param etag what tells this content of the object from others, as the store writes it
 * @param lastModified when it was written
 */
public record StoredObject(String key, long size, String etag, Instant lastModified) {}
