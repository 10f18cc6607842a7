/**
 * Models in Google Cloud Storage, by Google's client of its JSON API. {@code GcsStores} opens
 * {@code GcsBucket}s. Depends on {@code io.nereid.repository.store}.
 */
@NullMarked
package io.nereid.store.gcs;

import org.jspecify.annotations.NullMarked;
